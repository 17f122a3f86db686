import type { OrderRecord } from "../charge.ts";
import type { Claim } from "../claim.ts";
import type { ChargeDecision } from "../order.ts";
import type { Outcome } from "../outcome.ts";
import type { EffectRecord, JudgedRequest, RedriveNote } from "../ports.ts";
import type { ExecutionTree } from "./execution-tree.ts";
import type { ExecutionView, StoryEvent } from "./views.ts";

/** Everything that is known of a request. */
export interface StoryFacts {
  readonly claim: Claim;
  readonly effects: readonly EffectRecord[];
  /** Of an order claim. */
  readonly charge: OrderRecord | undefined;
  readonly redrives: readonly RedriveNote[];
  readonly order: ExecutionTree | undefined;
  readonly shadow: ExecutionTree | undefined;
  readonly verdicts: readonly JudgedRequest[];
}

type Lane = StoryEvent["lane"];
type Told = readonly (StoryEvent | undefined)[];

const tell = (at: number | undefined, lane: Lane, what: string, detail?: string): StoryEvent | undefined =>
  at === undefined ? undefined : { at, lane, what, ...(detail !== undefined && detail !== "" && { detail }) };

/** Names and codes alone: an error's message may speak of a person. */
const endText = ({ status, Error: error }: Pick<Outcome, "status" | "Error">): string =>
  error === undefined ? status : `${status} ${error.Code}`;

/** How a claim's own path ended. */
export const outcomeOf = ({ path, orderOutcome, legacyOutcome }: Claim): Outcome | undefined =>
  path === "order" ? orderOutcome : legacyOutcome;

function ofClaim({ claim, order }: StoryFacts): Told {
  const { path, stage, rolloutVersion, bucket, decidedAt, integration, origin, tap } = claim;
  const delegated = integration === "delegate" ? ", the work is delegated to the legacy service" : "";
  const why = `stage ${stage}, rollout version ${rolloutVersion}, bucket ${bucket}${delegated}`;
  const how = origin === "direct" ? "placed directly, and claimed" : "claimed";
  const outcome = outcomeOf(claim);
  const ended = path === "order" ? "ended, and its row says so" : "ended by the old row";
  const gone = "Step Functions does not know its execution: it keeps those that ended for 90 days";
  return [
    tell(decidedAt, "bridge", `${how} for the ${path} path`, why),
    tap === undefined ? undefined : tell(decidedAt, "legacy", "seen by a tap: the legacy consumer has it by itself"),
    tell(claim.forwardedAt, "legacy", "sent to the legacy consumer"),
    order === undefined ? tell(claim.startedAt, "order", "order started", gone) : undefined,
    tell(claim.endedAt, path, outcome === undefined ? ended : `${ended}: ${endText(outcome)}`),
  ];
}

/** When an outcome's last command was performed; outcomes do not say when they were recorded. */
function endOf({ outcome }: EffectRecord): number | undefined {
  const times = (outcome?.effects ?? []).flatMap(({ at }) => at ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function ofEffect(effect: EffectRecord, delegated: boolean): Told {
  const { n, role, generation, begunAt, sentAt, outcome } = effect;
  const lane = delegated ? "legacy" : "order";
  const name = `effect ${n} (${role}${generation === 0 ? "" : `, generation ${generation}`})`;
  const known = endOf(effect);
  const endedAt = outcome && Math.max(known ?? begunAt, begunAt, sentAt ?? 0);
  return [
    tell(begunAt, lane, `${name} begun`, outcome === undefined ? "it is open: nobody has told its end" : undefined),
    tell(sentAt, "legacy", "delegated message sent to the legacy service"),
    outcome && tell(endedAt, lane, `${name} ended: ${endText(outcome)}`, known ? undefined : "when is not recorded"),
  ];
}

const decisionText = (decision: ChargeDecision): string =>
  ({ capture: "capture", cancel: "cancel", none: "nothing was authorised" })[decision.kind] +
  (decision.kind === "capture" ? ` ${decision.sum}, items: ${decision.items.length}` : "");

function ofCharge(charge: OrderRecord | undefined): Told {
  if (charge?.decision === undefined) return [];
  const { decision, carriedOut, mismatch } = charge;
  const state = carriedOut ? "carried out" : "not carried out yet";
  const detail = decision.kind === "none" ? undefined : (mismatch ?? state);
  return [tell(charge.decidedAt, "order", `charge decided: ${decisionText(decision)}`, detail)];
}

function ofExecution(lane: Lane, what: string, execution: ExecutionView): Told {
  const { startedAt, stoppedAt, status, error, name } = execution;
  return [tell(startedAt, lane, `${what} started`, name), tell(stoppedAt, lane, `${what} ${status}`, error)];
}

function ofTree(lane: Lane, what: string, tree: ExecutionTree | undefined): Told {
  if (tree === undefined) return [];
  const { execution, own } = tree;
  const actions = execution.children.filter(({ name }) => own.includes(name));
  return [
    ...ofExecution(lane, what, execution),
    ...actions.flatMap((action) => ofExecution(lane, `action ${action.machine.replace(/^.*-/, "")}`, action)),
  ];
}

function ofShadow({ claim, shadow: tree }: StoryFacts): Told {
  const { shadow, decidedAt } = claim;
  if (shadow === undefined) return [];
  const end = shadow.outcome ? endText(shadow.outcome) : `no plan, ${shadow.failure?.Code ?? "no reason given"}`;
  return [
    tree === undefined ? tell(decidedAt, "shadow", "sampled: a plan was asked for") : undefined,
    ...ofTree("shadow", "plan", tree),
    tell(shadow.endedAt, "shadow", `plan ended: ${end}`),
  ];
}

const ofVerdict = ({ at, against, verdict, sample }: JudgedRequest): StoryEvent | undefined => {
  const n = sample?.differences.length ?? 0;
  const detail = n === 0 ? undefined : `${n} ${n === 1 ? "difference" : "differences"}`;
  return tell(at, "bridge", `judged against ${against === "legacy" ? "legacy" : "a second order"}: ${verdict}`, detail);
};

/** What happened to a request, oldest first; of what happened in one millisecond, the cause before its effect. */
export function timelineOf(facts: StoryFacts): StoryEvent[] {
  const { claim, effects, charge, redrives, order, verdicts } = facts;
  const delegated = claim.integration === "delegate";
  return [
    ...ofClaim(facts).slice(0, -1),
    ...redrives.map(({ at, by, reason }) => tell(at, "bridge", `redriven by ${by}`, reason)),
    ...ofTree("order", "order", order),
    ...effects.flatMap((effect) => ofEffect(effect, delegated)),
    ...ofCharge(charge),
    ...ofShadow(facts),
    ...ofClaim(facts).slice(-1),
    ...verdicts.map(ofVerdict),
  ]
    .filter((event) => event !== undefined)
    .sort((a, b) => a.at - b.at);
}
