import * as z from "zod";
import type { OrderRecord } from "../charge.ts";
import { type Claim, keyOf } from "../claim.ts";
import { maskText } from "../compare/personal-text.ts";
import { type OrderId, type RequestId, requestKeyText } from "../ids.ts";
import type {
  ChargeLedger,
  ClaimLedger,
  Clock,
  EffectLedger,
  EffectRecord,
  RedriveLedger,
  RedriveNote,
  TrackingTable,
  VerdictReader,
} from "../ports.ts";
import type { Migration } from "../route.ts";
import { executionTree, planTree, type TreeReader } from "./execution-tree.ts";
import { outcomeOf, timelineOf } from "./timeline.ts";
import type { RequestStories, RequestStory, See } from "./views.ts";

export interface StoryDeps {
  readonly migration: Pick<Migration, "routes">;
  readonly claims: Pick<ClaimLedger, "readMany">;
  readonly effects: Pick<EffectLedger, "read">;
  readonly charges: Pick<ChargeLedger, "read">;
  readonly redrives: Pick<RedriveLedger, "note">;
  readonly executions: TreeReader;
  readonly verdicts: Pick<VerdictReader, "of">;
  readonly tracking: Pick<TrackingTable, "read">;
  readonly clock: Clock;
}

/** So many redrives of an order are told of, the newest ones. */
const MOST_REDRIVES = 10;

const masked = (text: string): string => maskText(text, [], () => "[masked]");

function claimView(claim: Claim): RequestStory["claim"] {
  const { path, integration, origin, stage, rolloutVersion, bucket, generation, decidedAt } = claim;
  const { startedAt, forwardedAt, endedAt, orderId, executionName } = claim;
  const { status, Error: error } = outcomeOf(claim) ?? {};
  return {
    ...{ path, integration, origin, stage, rolloutVersion, bucket, generation, decidedAt },
    ...{ startedAt, forwardedAt, endedAt, orderId, executionName },
    end: status && { status, code: error?.Code },
  };
}

function effectView(
  { n, generation, role, begunAt, sentAt, outcome }: EffectRecord,
  see: See,
): RequestStory["effects"][number] {
  const { status, Error: error } = outcome ?? {};
  // What a service says of a failure may speak of a person.
  const told = see === "all" ? error : error && { ...error, Message: "[masked]" };
  return { n, generation, role, begunAt, sentAt, status, error: told };
}

const chargeView = (orderId: OrderId, charge: OrderRecord): RequestStory["charge"] => ({
  ...{ orderId, decision: charge.decision?.kind, decidedAt: charge.decidedAt, carriedOut: charge.carriedOut },
  ...{ openEffects: [...charge.openEffects], mismatch: charge.mismatch },
});

async function redrivesOf({ redrives }: StoryDeps, { orderId, generation }: Claim): Promise<readonly RedriveNote[]> {
  if (orderId === undefined) return [];
  const newest = Array.from({ length: Math.min(generation, MOST_REDRIVES) }, (_, back) => generation - back);
  const notes = await Promise.all(newest.map((each) => redrives.note(orderId, each)));
  return notes.filter((note) => note !== undefined);
}

/** A row as JSON has it: the old table may hold sets, bytes and large numbers. */
function rowOf(row: Readonly<Record<string, unknown>>): Record<string, z.core.util.JSONType> {
  const plain = (_: string, value: unknown): unknown => {
    if (value instanceof Set) return [...value];
    if (typeof value === "bigint") return String(value);
    return value;
  };
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(row, plain)));
}

async function personalOf({ tracking }: StoryDeps, claim: Claim): Promise<RequestStory["personal"]> {
  const { cohortKey, pinKey, legacyOutcome, orderOutcome, shadow } = claim;
  const row = await tracking.read(keyOf(claim));
  return {
    ...{ cohortKey, pinKey, row: row && rowOf(row) },
    ...{ legacyOutcome, orderOutcome, shadowOutcome: shadow?.outcome },
  };
}

async function storyOf(deps: StoryDeps, claim: Claim, see: See): Promise<RequestStory> {
  const key = keyOf(claim);
  const { orderId, executionName, shadow: plan } = claim;
  const [effects, charge, redrives, verdicts, order, shadow, personal] = await Promise.all([
    deps.effects.read(key),
    orderId && deps.charges.read(orderId),
    redrivesOf(deps, claim),
    deps.verdicts.of(key),
    executionName && executionTree(deps.executions, executionName, key),
    plan && planTree(deps.executions, plan.executionName),
    see === "all" ? personalOf(deps, claim) : undefined,
  ]);
  const notes = see === "all" ? redrives : redrives.map((note) => ({ ...note, reason: masked(note.reason) }));
  return {
    ...{ at: deps.clock.now(), ...key },
    claim: claimView(claim),
    timeline: timelineOf({ claim, effects, charge, redrives: notes, order, shadow, verdicts }),
    ...{ execution: order?.execution, shadow: shadow?.execution },
    effects: effects.map((effect) => effectView(effect, see)),
    charge: orderId && charge && chargeView(orderId, charge),
    verdicts: [...verdicts],
    personal,
  };
}

/**
 * What happened to the requests of that id, one for each route that has one. Never a payload and never a task token; rows
 * and outcomes are for those who may see all.
 *
 * One read of all claims, and for each that is found at most 42 calls: 14 of the ledger (effects, charge, verdicts, row,
 * ten redrives) and 28 of Step Functions (26 for the order, two for its plan). Executions that ended 90 days ago are gone:
 * the story says so.
 */
export async function requestStories(deps: StoryDeps, requestId: RequestId, see: See): Promise<RequestStories> {
  const keys = [...deps.migration.routes.keys()].map((route) => requestKeyText({ route, requestId }));
  const claims = await deps.claims.readMany(keys);
  const found = keys.flatMap((key) => claims.get(key) ?? []);
  const stories = await Promise.all(found.map((claim) => storyOf(deps, claim, see)));
  return { at: deps.clock.now(), requestId, stories };
}
