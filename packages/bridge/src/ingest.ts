import { withApproval } from "./approval.ts";
import { actOn, type Claim } from "./claim.ts";
import { claimRequest } from "./claim-request.ts";
import { type Envelope, openEnvelope, type SqsAttribute, type SqsRecord } from "./envelope.ts";
import { BridgeError } from "./errors.ts";
import { canonicalJson } from "./hash.ts";
import { CorrelationId, type RequestKey } from "./ids.ts";
import { type OrderInput, orderFromMessage } from "./order.ts";
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
  type TrackingTable,
} from "./ports.ts";
import { type Integration, type Lane, type PathChoice, pathOf } from "./rollout.ts";
import type { Migration, ParsedMessage, Route } from "./route.ts";

/** A queue that the bridge took over, and where its legacy consumer reads now. */
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
  readonly forwarder: LegacyForwarder;
  readonly quarantine: Quarantine;
  readonly redelivery: Redelivery;
  readonly tracking: TrackingTable;
  readonly clock: Clock;
  readonly identities: Identities;
  /** Milliseconds; longer than the function's timeout (A4). */
  readonly leaseMs: number;
}

/** What became of one record. `failed` is reported to SQS, which delivers it again; all else is acknowledged. */
export type IngestOutcome =
  | { readonly kind: "started" | "forwarded" | "duplicate"; readonly key: RequestKey; readonly correlationId: string }
  | { readonly kind: "quarantined"; readonly code: string; readonly field: string }
  | { readonly kind: "failed"; readonly error: unknown; readonly correlationId?: string | undefined };

/**
 * Seconds after which a message that waits for a pin or a lease comes back: longer each time, so that it outlasts the
 * receives that the source queue's redrive policy allows (ten last for half an hour).
 */
const waitSeconds = (receives: number): number => Math.min(900, 2 ** receives);

export const attributesOf = (attributes: Readonly<Record<string, SqsAttribute>>): ForwardMessage["attributes"] =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, present(value)]));

const present = ({ dataType, stringValue, binaryValue }: SqsAttribute) => ({
  dataType,
  ...(stringValue != null && { stringValue }),
  ...(binaryValue != null && { binaryValue }),
});

/** A record, and what was found in it. */
interface Arrived {
  readonly record: SqsRecord;
  readonly envelope: Envelope;
}

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
async function forward(deps: IngestDeps, key: RequestKey, source: Source, arrived: Arrived, lookFirst: boolean) {
  const row = lookFirst ? deps.migration.tracking.read(await deps.tracking.read(key)) : undefined;
  if (row === undefined || row.phase === "received") {
    const { record, envelope } = arrived;
    const asItLay = { text: record.body, attributes: record.messageAttributes };
    const { text, attributes } = source.forward.kind === "topic" ? envelope.published : asItLay;
    await deps.forwarder.send({ key, target: source.forward, body: text, attributes: attributesOf(attributes) });
  }
  await deps.ledger.markForwarded(key, deps.clock.now());
}

function proposalOf(
  deps: IngestDeps,
  message: ParsedMessage,
  order: () => OrderInput,
  choice: { stage: Claim["stage"]; rolloutVersion: number; bucket: number },
  source: Source,
  owner: string,
): (lane: Lane) => Claim {
  const now = deps.clock.now();
  return (lane) => ({
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
    decidedAt: now,
    generation: 0,
    ...(lane !== "legacy" && { orderId: order().orderId, executionName: order().executionName }),
    ...(lane === "legacy" && !dropsRepeats(source.forward) && { lease: { owner, until: now + deps.leaseMs } }),
  });
}

/** What the flag wants. A route whose work cannot be delegated is not, whatever its rollout says. */
function wantedLane(route: Route, choice: PathChoice): Lane {
  const integration = choice.integration ?? route.integration;
  const delegate = integration === "delegate" && route.toMessage !== undefined;
  return choice.path === "order" && delegate ? "delegate" : choice.path;
}

/** Steps 2 to 4 of ingest (design, section 4) for one message that passed its schema. */
async function cross(
  deps: IngestDeps,
  source: Source,
  arrived: Arrived,
  onKnown: (correlationId: CorrelationId) => void,
): Promise<IngestOutcome> {
  const { envelope } = arrived;
  const route = deps.migration.routeOf(envelope.body);
  const message = route.parse(envelope.body);
  const { key } = message;
  const given = CorrelationId.safeParse(envelope.correlationId);
  const correlationId = given.success ? given.data : CorrelationId.parse(key.requestId);
  onKnown(correlationId);
  const draft = () => withApproval(deps.migration, message.draft());
  const orderOf = (integration?: Integration) =>
    orderFromMessage(deps.migration.name, key, draft, correlationId, integration);
  const built = once(() => orderOf());
  const choice = await deps.flag.choose(key.route, message.cohortKey, envelope.sentAt);
  const owner = deps.identities.next();
  const proposal = proposalOf(deps, message, () => built().order, choice, source, owner);
  const forced = choice.reason === "before-switch";
  const mayTake = (lane: Lane) => !forced && (lane !== "delegate" || route.toMessage !== undefined);
  const wanted = wantedLane(route, choice);
  const claim = await claimRequest(deps.ledger, proposal, wanted, mayTake).catch(async (error: unknown) => {
    // A request that was claimed legacy before the flag moved needs no translation.
    const before = error instanceof BridgeError && error.code === "INVALID_ORDER" && (await deps.ledger.read(key));
    if (before && before.path === "legacy") return before;
    throw error;
  });

  const action = actOn(claim, { bodyHash: message.bodyHash, owner, now: deps.clock.now() });
  switch (action.kind) {
    case "acknowledge":
      return { kind: "duplicate", key, correlationId };
    case "start":
      await start(deps, key, claim, orderOf(claim.integration));
      return { kind: "started", key, correlationId };
    case "forward":
      await forward(deps, key, source, arrived, action.lookFirst);
      return { kind: "forwarded", key, correlationId };
    case "wait":
      throw new BridgeError("LEASE_HELD", "retry", "another delivery is forwarding this request");
    case "take-over-lease": {
      const next = { owner, until: deps.clock.now() + deps.leaseMs };
      if (!(await deps.ledger.takeOverLease(key, action.seen, next))) {
        throw new BridgeError("LEASE_HELD", "retry", "another delivery took the lease over");
      }
      await forward(deps, key, source, arrived, true);
      return { kind: "forwarded", key, correlationId };
    }
  }
}

/** Keeps a refused message; if that fails, the record fails, and nothing is acknowledged (P10). */
async function refuse(deps: IngestDeps, record: SqsRecord, error: BridgeError): Promise<IngestOutcome> {
  const field = String(error.details["field"] ?? "");
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
  let correlationId: CorrelationId | undefined;
  try {
    const source = deps.sources.find((known) => known.queueArn === record.eventSourceARN);
    if (source === undefined) {
      throw new BridgeError("UNKNOWN_SOURCE", "retry", `the bridge has no source ${record.eventSourceARN}`);
    }
    try {
      const envelope = openEnvelope(record, source.topicArns);
      return await cross(deps, source, { record, envelope }, (known) => {
        correlationId = known;
      });
    } catch (error) {
      if (error instanceof BridgeError && error.disposition === "reject") return await refuse(deps, record, error);
      throw error;
    }
  } catch (error) {
    if (error instanceof BridgeError && (error.code === "PIN_BUSY" || error.code === "LEASE_HELD")) {
      const seconds = waitSeconds(record.attributes.ApproximateReceiveCount);
      await deps.redelivery.comeBackIn(seconds, record.eventSourceARN, record.receiptHandle);
    }
    return { kind: "failed", error, correlationId };
  }
}
