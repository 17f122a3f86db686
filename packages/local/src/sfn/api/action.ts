import * as z from "zod";
import { notSupported, SfnError } from "../errors.ts";
import type { Integrations } from "../integrations/integrations.ts";
import type { Activities } from "../store/activities.ts";
import type { Executions } from "../store/executions.ts";
import type { Machines } from "../store/machines.ts";
import type { Tags } from "../store/tags.ts";
import type { TaskTokens } from "../store/task-tokens.ts";

/** What the actions work on. */
export interface World {
  readonly machines: Machines;
  readonly executions: Executions;
  readonly activities: Activities;
  readonly tokens: TaskTokens;
  readonly integrations: Integrations;
  readonly tags: Tags;
}

/** The caller's end of the connection, for the one action that waits and hands out work. */
export interface Client {
  readonly gone: boolean;
  /** Calls back when the caller left without having read the answer, as far as the network tells. */
  onGone(listener: () => void): void;
  /** Calls back when the answer has been handed to the network. */
  onAnswered(listener: () => void): void;
}

export type Action = (body: unknown, world: World, client: Client) => unknown;

/** An API action with its request schema: strict, so that a parameter we do not know is refused by name. */
export function defineAction<S extends z.ZodRawShape>(
  shape: S,
  run: (request: z.infer<z.ZodObject<S, z.core.$strict>>, world: World, client: Client) => unknown,
): Action {
  const schema = z.strictObject(shape);
  return (body, world, client) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw refuse(parsed.error);
    return run(parsed.data, world, client);
  };
}

function refuse(error: z.ZodError): SfnError {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") return notSupported(`parameter ${issue.keys.join(", ")}`);
  const where = issue?.path.map(String).join(".");
  return new SfnError("ValidationException", `1 validation error detected: Value at '${where}': ${issue?.message}`);
}

/** Dates travel as seconds since the epoch, with milliseconds as fraction. */
export function seconds(epochMilliseconds: number): number {
  return epochMilliseconds / 1000;
}

export const paging = { maxResults: z.int().min(0).max(1000).optional(), nextToken: z.string().optional() };
export const arn = z.string().min(1).max(256);
