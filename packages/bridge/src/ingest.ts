import { withApproval } from "./approval.ts";
import { actOn, type Claim, refuseOther } from "./claim.ts";
import { claimRequest, claimTapped } from "./claim-request.ts";
import { type CountedRoute, NO_ROUTE } from "./compare/counts.ts";
import { openEnvelope, type SqsRecord } from "./envelope.ts";
import { BridgeError, dispositionOf } from "./errors.ts";
import { type Arrived, attributesOf, forwardMessage } from "./forward-message.ts";
import { canonicalJson } from "./hash.ts";
import { CorrelationId, type RequestKey, type RouteType } from "./ids.ts";
import { orderFromMessage } from "./order.ts";
import type { BuiltOrder } from "./order-size.ts";
import { keepAll } from "./payloads.ts";
import {
  type ClaimLedger,
  type Clock,
  dropsRepeats,
  type ForwardMessage,
  type ForwardTarget,
  type Identities,
  type LegacyForwarder,
  type OrderStarter,
  type PathFlag,
  type PayloadStore,
  type Quarantine,
  type Redelivery,
  type RejectionLedger,
  type SendTarget,
  type TrackingTable,
} from "./ports.ts";
import { type Integration, type Lane, Path, type PathChoice, pathOf } from "./rollout.ts";
import type { Migration, ParsedMessage, Route } from "./route.ts";
import { beginShadow, type ShadowStart, type ShadowStarter, shadowOf } from "./shadow.ts";

/** A queue that the bridge reads, and how the legacy consumer gets its messages now. */
export interface Source {
  readonly queueArn: string;
  /** Topics that feed the queue with notifications; empty for a plain queue and for raw delivery. */
  readonly topicArns: readonly string[];
  readonly forward: ForwardTarget;
}

export interface IngestDeps {
  readonly migration: Migration;
  readonly sources: readonly Source[];
  readonly flag: PathFlag;
  readonly ledger: ClaimLedger;
  readonly orders: OrderStarter;
  readonly payloads: Pick<PayloadStore, "put">;
  readonly shadow: ShadowStarter;
  readonly forwarder: LegacyForwarder;
  readonly quarantine: Quarantine;
  readonly rejections: RejectionLedger;
  readonly redelivery: Redelivery;
  readonly tracking: TrackingTable;
  readonly clock: Clock;
  readonly identities: Identities;
  /** Milliseconds; longer than the function's timeout (A4). */
  readonly leaseMs: number;
}

/** What became of one record. `failed` is reported to SQS, which delivers it again; all else is acknowledged. */
export type IngestOutcome =
  | {
      readonly kind: "started" | "forwarded" | "tapped" | "duplicate";
      readonly key: RequestKey;
      readonly correlationId: string;
      /** Of a message that has just gone its legacy way, and whose order is planned. */
      readonly shadow?: ShadowStart;
    }
  | { readonly kind: "quarantined"; readonly code: string; readonly field: string }
  | { readonly kind: "failed"; readonly error: unknown; readonly correlationId?: string | undefined };

/**
 * Seconds after which a message that waits for a pin or a lease comes back: longer each time, so that it outlasts the
 * receives that the source queue's redrive policy allows (ten last for half an hour).
 */
const waitSeconds = (receives: number): number => Math.min(900, 2 ** receives);

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * Step 4 for the order path: large inputs are kept, then StartExecution, then the mark. A taken name is our own: it
 * follows from the message.
 */
async function start(deps: IngestDeps, key: RequestKey, claim: Claim, { order, payloads }: BuiltOrder): Promise<void> {
  await keepAll(deps.payloads, payloads);
  await deps.orders.start(claim.executionName ?? order.executionName, canonicalJson(order));
  await deps.ledger.markStarted(key, deps.clock.now());
}

/** Step 4 for the legacy path: the send, unless the row says that the consumer has it already, then the mark. */
async function forward(deps: IngestDeps, key: RequestKey, message: () => ForwardMessage, lookFirst: boolean) {
  const row = lookFirst ? deps.migration.tracking.read(await deps.tracking.read(key)) : undefined;
  if (row === undefined || row.phase === "received") await deps.forwarder.send(message());
  await deps.ledger.markForwarded(key, deps.clock.now());
}

/** The claim of a message on one lane, as far as all lanes have it. */
function proposalOf(
  deps: IngestDeps,
  message: ParsedMessage,
  choice: Pick<PathChoice, "stage" | "rolloutVersion" | "bucket" | "sample" | "baseline">,
  lane: Lane,
): Claim {
  return {
    ...message.key,
    origin: "message",
    path: pathOf(lane),
    ...(lane === "delegate" && { integration: lane }),
    stage: choice.stage,
    rolloutVersion: choice.rolloutVersion,
    bucket: choice.bucket,
    cohortKey: message.cohortKey,
    ...(message.pinKey !== undefined && { pinKey: message.pinKey }),
    bodyHash: message.bodyHash,
    decidedAt: deps.clock.now(),
    generation: 0,
    ...(lane === "legacy" && shadowOf(deps.migration, message.key, choice)),
  };
}

/** What the flag wants. A route whose work cannot be delegated is not, whatever its rollout says. */
function wantedLane(route: Route, choice: PathChoice): Lane {
  const integration = choice.integration ?? route.integration;
  const delegate = integration === "delegate" && route.toMessage !== undefined;
  return choice.path === "order" && delegate ? "delegate" : choice.path;
}

/** One message that passed its schema, and what is said of it. */
interface Sound {
  readonly route: Route;
  readonly message: ParsedMessage;
  readonly arrived: Arrived;
  readonly correlationId: CorrelationId;
  readonly choice: PathChoice;
}

/** The message has gone its legacy way: only now is its order planned, if it is to be. */
async function gone(
  deps: IngestDeps,
  kind: "forwarded" | "tapped",
  claim: Claim,
  { message, correlationId }: Sound,
): Promise<IngestOutcome> {
  const shadow = await beginShadow(deps, claim, message, correlationId);
  return { kind, key: message.key, correlationId, ...(shadow && { shadow }) };
}

/** A tap: one write says that the legacy consumer has its message; at most a plan follows (P8). */
async function tapped(deps: IngestDeps, sound: Sound): Promise<IngestOutcome> {
  const { message, arrived, correlationId, choice } = sound;
  const { key } = message;
  const proposal = proposalOf(deps, message, choice, "legacy");
  const tap = arrived.envelope.queueArn;
  const { kind, claim } = await claimTapped(deps.ledger, { ...proposal, tap, forwardedAt: proposal.decidedAt });
  refuseOther(claim, message.bodyHash);
  return kind === "claimed" ? gone(deps, "tapped", claim, sound) : { kind: "duplicate", key, correlationId };
}

/** The claim that counts, and what this delivery does about it. */
async function decide(
  deps: IngestDeps,
  { route, message, arrived, choice }: Sound,
  proposal: (lane: Lane) => Claim,
  owner: string,
) {
  const forced = choice.reason === "before-switch";
  const mayTake = (lane: Lane) => !forced && (lane !== "delegate" || route.toMessage !== undefined);
  const claim = await claimRequest(deps.ledger, proposal, wantedLane(route, choice), mayTake).catch(
    async (error: unknown) => {
      // What the message cannot become does not matter to a request that was claimed before.
      const before = dispositionOf(error) === "retry" ? undefined : await deps.ledger.read(message.key);
      if (before !== undefined) return before;
      throw error;
    },
  );
  const seen = { bodyHash: message.bodyHash, owner, queueArn: arrived.envelope.queueArn, now: deps.clock.now() };
  const action = actOn(claim, seen);
  if (action.kind !== "take-from-tap") return { claim, action };
  const { ledger } = deps;
  const fromTap = {
    claim: (next: Claim, takeOver?: readonly string[]) => ledger.takeFromTap(next, action.tap, takeOver),
    readMany: (keyTexts: readonly string[]) => ledger.readMany(keyTexts),
  };
  // The tap's delivery has decided about a plan; one that it began is not begun again, since its name is taken.
  const asPlanned = (lane: Lane): Claim => {
    const { shadow: _, ...next } = proposal(lane);
    return { ...next, ...(claim.shadow && { shadow: claim.shadow }) };
  };
  const taken = await claimRequest(fromTap, asPlanned, "legacy", () => false);
  return { claim: taken, action: actOn(taken, { ...seen, now: deps.clock.now() }) };
}

/** What a path wants of a sound message: where it cannot become that, the refusal says on which path. */
function wantedOn<T>(path: Path, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof BridgeError) || cause.disposition !== "reject") throw cause;
    throw new BridgeError(cause.code, "reject", cause.message, { details: { ...cause.details, path }, cause });
  }
}

/** Steps 2 to 4 of ingest (design, section 4) for one message that passed its schema. */
async function cross(deps: IngestDeps, target: SendTarget, sound: Sound): Promise<IngestOutcome> {
  const { message, arrived, correlationId, choice } = sound;
  const { key } = message;
  const draft = () => withApproval(deps.migration, message.draft());
  const orderOf = (integration?: Integration) =>
    orderFromMessage(deps.migration.name, key, draft, correlationId, integration);
  const built = once(() => orderOf());
  const toLegacy = once(() => forwardMessage(key, target, arrived));
  const owner = deps.identities.next();
  const lease = () => ({ owner, until: deps.clock.now() + deps.leaseMs });
  const proposal = (lane: Lane): Claim => {
    const claim = proposalOf(deps, message, choice, lane);
    if (lane !== "legacy") {
      const { orderId, executionName } = wantedOn("order", built).order;
      return { ...claim, orderId, executionName };
    }
    wantedOn("legacy", toLegacy); // what cannot be sent is not claimed: its pin would never come free
    return dropsRepeats(target) ? claim : { ...claim, lease: lease() };
  };

  const { claim, action } = await decide(deps, sound, proposal, owner);
  switch (action.kind) {
    case "acknowledge":
      return { kind: "duplicate", key, correlationId };
    case "start":
      await start(deps, key, claim, orderOf(claim.integration));
      return { kind: "started", key, correlationId };
    case "forward":
      await forward(deps, key, toLegacy, action.lookFirst);
      return gone(deps, "forwarded", claim, sound);
    case "wait":
    case "take-from-tap":
      throw new BridgeError("LEASE_HELD", "retry", "another delivery is forwarding this request");
    case "take-over-lease": {
      if (!(await deps.ledger.takeOverLease(key, action.seen, lease()))) {
        throw new BridgeError("LEASE_HELD", "retry", "another delivery took the lease over");
      }
      await forward(deps, key, toLegacy, true);
      return gone(deps, "forwarded", claim, sound);
    }
  }
}

/** How far a message was understood. */
interface Known {
  readonly route?: RouteType;
  readonly correlationId?: CorrelationId;
}

/** Opens and validates a message, asks the flag about it, and carries it to its path. */
async function handle(
  deps: IngestDeps,
  { forward: target }: Source,
  arrived: Arrived,
  onKnown: (known: Known) => void,
): Promise<IngestOutcome> {
  const { envelope } = arrived;
  const route = deps.migration.routeOf(envelope.body);
  onKnown({ route: route.type });
  const message = route.parse(envelope.body);
  const given = CorrelationId.safeParse(envelope.correlationId);
  const correlationId = given.success ? given.data : CorrelationId.parse(message.key.requestId);
  onKnown({ route: route.type, correlationId });
  const choice = await deps.flag.choose(message.key.route, message.cohortKey, envelope.sentAt);
  const sound = { route, message, arrived, correlationId, choice };
  return target.kind === "tap" ? tapped(deps, sound) : cross(deps, target, sound);
}

/** Notes a refused message, to be counted (P9), and keeps it; if either fails, so does the record, unacknowledged (P10). */
async function refuse(deps: IngestDeps, record: SqsRecord, known: Known, error: BridgeError): Promise<IngestOutcome> {
  const field = String(error.details["field"] ?? "");
  const route: CountedRoute = known.route ?? NO_ROUTE;
  const path = Path.safeParse(error.details["path"]).data;
  await deps.rejections.keepRejected({ messageId: record.messageId, route, path, at: deps.clock.now() });
  await deps.quarantine.keep({
    code: error.code,
    field,
    reason: error.message,
    queueArn: record.eventSourceARN,
    messageId: record.messageId,
    body: record.body,
    attributes: attributesOf(record.messageAttributes),
  });
  return { kind: "quarantined", code: error.code, field };
}

/**
 * One record of a batch, independently of its neighbours: opened, validated, claimed and carried to its path. Never
 * throws: a record that cannot be finished now is reported as failed and comes back (P1).
 */
export async function ingestRecord(deps: IngestDeps, record: SqsRecord): Promise<IngestOutcome> {
  let known: Known = {};
  try {
    const source = deps.sources.find(({ queueArn }) => queueArn === record.eventSourceARN);
    if (source === undefined) {
      throw new BridgeError("UNKNOWN_SOURCE", "retry", `the bridge has no source ${record.eventSourceARN}`);
    }
    try {
      const envelope = openEnvelope(record, source.topicArns);
      return await handle(deps, source, { record, envelope }, (more) => {
        known = more;
      });
    } catch (error) {
      if (error instanceof BridgeError && error.disposition === "reject")
        return await refuse(deps, record, known, error);
      throw error;
    }
  } catch (error) {
    if (error instanceof BridgeError && (error.code === "PIN_BUSY" || error.code === "LEASE_HELD")) {
      const seconds = waitSeconds(record.attributes.ApproximateReceiveCount);
      await deps.redelivery.comeBackIn(seconds, record.eventSourceARN, record.receiptHandle);
    }
    return { kind: "failed", error, correlationId: known.correlationId };
  }
}
