import { Rollout } from "@crossfade/bridge";
import {
  AuditEntry,
  AuditPage,
  ClaimView,
  ConservationView,
  DeadLetter,
  DeadLetterPage,
  DeadLetterQueue,
  DeadLetterQueues,
  DifferenceGroup,
  DifferenceView,
  ExecutionView,
  GuardPolicy,
  GuardRecord,
  JudgedRequest,
  Overview,
  ParityView,
  PathView,
  RedriveProgress,
  RequestStories,
  RequestStory,
  RolloutPreview,
  RouteDetail,
  RouteSummary,
  Sample,
  VerdictPage,
} from "@crossfade/bridge/console";
import * as z from "zod";
import { Me } from "./person.ts";
import { ApiError } from "./refusal.ts";

/** A route's guard; without a record the guard does not look after it. */
export const GuardAnswer = z.strictObject({ guard: GuardRecord.optional() });
export type GuardAnswer = z.infer<typeof GuardAnswer>;

/** What endpoints answer with, by the names that the OpenAPI document gives them. */
export const views = {
  ApiError,
  Me,
  Overview,
  RouteDetail,
  Rollout,
  RolloutPreview,
  VerdictPage,
  DifferenceView,
  AuditPage,
  GuardAnswer,
  RequestStories,
  DeadLetterQueues,
  DeadLetterPage,
  RedriveProgress,
} as const;
export type ViewName = keyof typeof views;

/** Parts of them that have names of their own. */
const parts = {
  AuditEntry,
  ClaimView,
  ConservationView,
  DeadLetter,
  DeadLetterQueue,
  DifferenceGroup,
  ExecutionView,
  GuardPolicy,
  GuardRecord,
  JudgedRequest,
  ParityView,
  PathView,
  RequestStory,
  RouteSummary,
  Sample,
} as const;

const refTo = (name: string): string => `#/components/schemas/${name}`;

export const componentRef = (name: ViewName) => ({ $ref: refTo(name) });

/** Schemas without a name of their own that several others hold: zod gathers them under this name. */
const SHARED = "__shared";

const Generated = z.record(z.string(), z.looseObject({ $defs: z.record(z.string(), z.json()).optional() }));

/**
 * The views as JSON Schema, which is what OpenAPI 3.1 takes. By zod itself: it can say a view that holds itself, as a
 * tree of executions does.
 */
export function componentSchemas(): Readonly<Record<string, object>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...views, ...parts })) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: "output", uri: (id) => refTo(id) });
  const text = JSON.stringify(schemas).replaceAll(`${refTo(SHARED)}#/$defs/`, refTo("Shared-"));
  const { [SHARED]: shared, ...named } = Generated.parse(JSON.parse(text));
  const gathered = Object.entries(shared?.$defs ?? {}).map(([name, schema]) => [`Shared-${name}`, schema]);
  const own = Object.entries(named).map(([name, { $id: _, $schema: __, ...schema }]) => [name, schema]);
  return Object.fromEntries([...own, ...gathered]);
}
