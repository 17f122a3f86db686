import type { Call } from "./calls.ts";
import type { Journal, Kept } from "./journal.ts";
import { type Mapping, settingsFor } from "./mapping.ts";
import { depthOf, type Place, type QueueSight, type Seen } from "./seen.ts";
import type { StepName } from "./steps.ts";

/** Where a step stands: what there is to do, to wait for, or to remember. */
export type Standing =
  | { readonly kind: "done"; readonly kept: Kept }
  /** `kept` is remembered before the calls. */
  | { readonly kind: "do"; readonly calls: readonly Call[]; readonly kept?: Kept }
  /** `seconds`: how long at least; unknown where it is for others to end. */
  | { readonly kind: "wait"; readonly why: string; readonly seconds?: number; readonly kept?: Kept }
  | { readonly kind: "person"; readonly says: string }
  | { readonly kind: "refused"; readonly says: string };

export interface View {
  readonly place: Place;
  readonly journal: Journal;
  readonly seen: Seen;
}

/**
 * Milliseconds by which the clocks of the operator, of Lambda and of SQS may differ, and for which a topic may go on
 * delivering to a subscription that has ended.
 */
export const SKEW_MS = 60_000;

type Look = (view: View) => Standing;

const done = ({ journal }: View, kept: Partial<Kept> = {}): Standing => ({
  kind: "done",
  kept: { ...journal.kept, ...kept },
});
const call = (...calls: Call[]): Standing => ({ kind: "do", calls });

/** Waits until so many seconds after a time; `from` is undefined while that is still to come. */
function elapsed(view: View, from: number | undefined, seconds: number, why: string): Standing {
  const left = from === undefined ? seconds : Math.ceil((from + seconds * 1000 - view.seen.now) / 1000);
  return left > 0 ? { kind: "wait", why, seconds: left } : done(view);
}

/** A mapping that is to be on, or off: what is there to do about it. `undefined` where it is so. */
function switching(mapping: Mapping | undefined, on: boolean, what: string): Standing | undefined {
  if (mapping === undefined) return { kind: "refused", says: `${what} is gone: somebody has deleted it` };
  const { id: UUID, state } = mapping;
  if (state === (on ? "Enabled" : "Disabled")) return undefined;
  if (state === (on ? "Disabled" : "Enabled")) {
    return call({ service: "lambda", action: "UpdateEventSourceMapping", input: { UUID, Enabled: on } });
  }
  return { kind: "wait", why: `${what} is ${state}` };
}

/** A queue counts as empty once nothing was seen in it for as long as a message can be in hand. */
function emptied(view: View, queue: QueueSight | undefined, what: string): Standing {
  if (queue === undefined) return done(view);
  const depth = depthOf(queue);
  const why = `until ${what} is empty`;
  const { emptyAt, ...kept } = view.journal.kept;
  if (depth > 0) return { kind: "wait", why: `${why} (${depth} messages)`, ...(emptyAt !== undefined && { kept }) };
  if (emptyAt === undefined) {
    return { kind: "wait", why, seconds: queue.visibilitySeconds, kept: { ...kept, emptyAt: view.seen.now } };
  }
  const wait = elapsed(view, emptyAt, queue.visibilitySeconds, `${why} for its visibility timeout`);
  return wait.kind === "done" ? { kind: "done", kept } : wait;
}

const heldBy = ({ place, seen }: View) => seen.rollouts.filter(({ hold }) => hold?.source === place.name);

/** Attributes of a subscription that SNS computes, and that no Subscribe takes. */
const SETTABLE: ReadonlySet<string> = new Set([
  ...["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"],
  ...["ReplayPolicy", "SubscriptionRoleArn"],
]);

const pick = (attributes: Readonly<Record<string, string>>, wanted: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));

const topicOf = ({ place: { source } }: View): string =>
  "topicArn" in source.config ? source.config.topicArn : source.intake.queueArn;

const subscribe = (view: View, Protocol: string, Endpoint: string, Attributes: Readonly<Record<string, string>>) =>
  call({
    service: "sns",
    action: "Subscribe",
    input: { TopicArn: topicOf(view), Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true },
  });
const unsubscribe = (SubscriptionArn: string, kept?: Kept): Standing => ({
  kind: "do",
  calls: [{ service: "sns", action: "Unsubscribe", input: { SubscriptionArn } }],
  ...(kept && { kept }),
});

/** Both subscriptions stand for so long, in seconds; see TopicSource. */
export function overlapSeconds({ place: { source }, seen, journal }: View): number {
  if (!("at" in source.config) || source.config.at !== "topic") return 0;
  const { FilterPolicy } = seen.oldSubscription?.attributes ?? journal.kept.oldSubscription?.attributes ?? {};
  return source.config.overlapSeconds ?? (FilterPolicy === undefined ? 60 : 900);
}

/** Seconds after which no delivery is left that the old consumer had from the source. */
export function oldDrainSeconds({ place: { source }, seen, journal }: View): number {
  if ("at" in source.config && source.config.at === "topic") return source.config.drainSeconds;
  // Lambda takes no mapping whose function outlasts the visibility timeout, and holds a batch back for its window.
  const window = (seen.old?.settings ?? journal.kept.oldMapping?.settings)?.MaximumBatchingWindowInSeconds ?? 0;
  return seen.intake.visibilitySeconds + window;
}

/** Longest wait that ingest gives a message of a claim whose lease another delivery has, in seconds (ingest.ts). */
const LONGEST_WAIT = 900;

/** Seconds after which every message that ingest had in hand is back in the queue, or gone. */
export const ingestDrainSeconds = ({ place: { source }, seen }: View): number =>
  source.forward.kind === "fifo"
    ? seen.intake.visibilitySeconds
    : Math.max(seen.intake.visibilitySeconds, LONGEST_WAIT);

const hold: Look = (view) => {
  const { seen, journal } = view;
  const held = heldBy(view);
  if (held.length === seen.rollouts.length) return done(view);
  const moved = seen.rollouts.filter(({ stage }) => stage !== "legacy");
  if (journal.direction === "attach" && moved.length > 0) {
    const named = moved.map(({ route, stage, percentage }) => `${route} is at ${stage} ${percentage} %`).join(", ");
    return { kind: "refused", says: `${named}: take it back to legacy first` };
  }
  return call(
    ...seen.rollouts
      .filter((rollout) => !held.includes(rollout))
      .map(({ route, stage, percentage }) => ({
        service: "ledger" as const,
        action: "HoldRollout" as const,
        input: { route, from: `${stage} ${percentage} %` },
      })),
  );
};

const release: Look = (view) => {
  // In a plan the hold may be still to come.
  const held = view.journal.done.hold === undefined ? view.seen.rollouts : heldBy(view);
  if (held.length === 0) return done(view);
  const legacyBefore = Math.max(view.seen.now, view.journal.kept.oldChangedAt ?? 0) + SKEW_MS;
  return call(
    ...held.map(({ route }) => ({
      service: "ledger" as const,
      action: "ReleaseRollout" as const,
      input: { route, legacyBefore },
    })),
  );
};

/** The cache of ingest may say order for a while after the hold; at a queue, a later look decides (D12). */
const ordersEnded: Look = (view) => {
  const { seen, place } = view;
  const n = seen.ordersInFlight;
  if (n > 0) return { kind: "wait", why: `until no order is in flight (${n} requests are)` };
  const since = heldBy(view).reduce((latest, { hold: { since = 0 } = {} }) => Math.max(latest, since), 0);
  const seconds = Math.ceil((2 * place.rolloutAgeMs) / 1000) + place.deployed.ingestTimeoutSeconds;
  if (place.source.config.attach === "intercept" && place.source.config.at === "queue") return done(view);
  return elapsed(view, since || undefined, seconds, "until ingest knows of the hold");
};

const LOOKS: Readonly<Record<StepName, Look>> = {
  hold,
  release,
  "orders-ended": ordersEnded,
  "orders-ended-again": (view) => {
    const n = view.seen.ordersInFlight;
    return n > 0 ? { kind: "wait", why: `until no order is in flight (${n} requests are)` } : done(view);
  },
  "forward-mapping": (view) => {
    const { place, seen, journal } = view;
    const { config, forward } = place.source;
    if (!("at" in config) || config.at !== "queue" || config.consumer.kind !== "lambda") return done(view);
    if (seen.forwardMapping !== undefined) {
      const { id } = seen.forwardMapping;
      return (
        switching(seen.forwardMapping, true, "the mapping on the forward queue") ?? done(view, { forwardMappingId: id })
      );
    }
    const oldMapping =
      seen.old === undefined ? journal.kept.oldMapping : { id: seen.old.id, settings: seen.old.settings };
    if (oldMapping === undefined || (forward.kind !== "fifo" && forward.kind !== "standard")) return done(view);
    const settings = settingsFor(oldMapping.settings, forward.kind);
    const input = {
      FunctionName: config.consumer.functionArn,
      EventSourceArn: forward.queueArn,
      Enabled: true as const,
    };
    return {
      kind: "do",
      calls: [{ service: "lambda", action: "CreateEventSourceMapping", input: { ...input, ...settings } }],
      kept: { ...journal.kept, oldMapping },
    };
  },
  "old-off": (view) => {
    const { old, now } = view.seen;
    const oldOffAt = view.journal.kept.oldOffAt ?? now;
    return (
      switching(old, false, "the old consumer's mapping") ??
      done(view, { oldOffAt, ...(old !== undefined && { oldChangedAt: old.changedAt }) })
    );
  },
  "old-on": (view) =>
    switching(view.seen.old, true, "the old consumer's mapping") ??
    done(view, { oldOffAt: undefined, oldChangedAt: undefined }),
  "ingest-on": (view) => {
    const ingestOnAt = view.journal.kept.ingestOnAt ?? view.seen.now;
    const kept = { ...view.journal.kept, ingestOnAt, ingestOffAt: undefined };
    const standing = switching(view.seen.ingest, true, "ingest's mapping") ?? done(view, kept);
    return standing.kind === "do" ? { ...standing, kept } : standing;
  },
  "ingest-off": (view) =>
    switching(view.seen.ingest, false, "ingest's mapping") ??
    done(view, { ingestOffAt: view.journal.kept.ingestOffAt ?? view.seen.now }),
  "ingest-drained": (view) => {
    const { ingestOnAt, ingestOffAt } = view.journal.kept;
    if (ingestOnAt === undefined) return done(view);
    return elapsed(view, ingestOffAt, ingestDrainSeconds(view), "until every delivery of ingest is over");
  },
  sweep: (view) => {
    const { kept } = view.journal;
    if (kept.ingestOnAt === undefined) return done(view);
    if (kept.sweptUntil !== undefined && kept.sweptUntil > view.seen.now) {
      return elapsed(view, kept.sweptUntil, 0, "until what an earlier sweep has hidden is back");
    }
    const { queueUrl: QueueUrl } = view.place.source.intake;
    const input = { QueueUrl, VisibilityTimeout: view.seen.intake.visibilitySeconds };
    return call({ service: "sqs", action: "Sweep", input });
  },
  "old-drained": (view) =>
    elapsed(
      view,
      view.journal.kept.oldOffAt,
      oldDrainSeconds(view),
      "until every delivery of the old consumer is over",
    ),
  "subscribe-intake": (view) => {
    const { seen, place } = view;
    const overlapAt = view.journal.kept.overlapAt ?? seen.now;
    if (seen.intakeSubscription !== undefined) return done(view, { overlapAt });
    const old = seen.oldSubscription?.attributes ?? view.journal.kept.oldSubscription?.attributes ?? {};
    const filter = pick(old, (name) => name === "FilterPolicy" || name === "FilterPolicyScope");
    return subscribe(view, "sqs", place.source.intake.queueArn, { ...filter, RawMessageDelivery: "false" });
  },
  overlap: (view) =>
    elapsed(view, view.journal.kept.overlapAt, overlapSeconds(view), "until the new subscription works everywhere"),
  "unsubscribe-old": (view) => {
    const { seen, journal } = view;
    if (seen.oldSubscription === undefined) return done(view, { oldOffAt: journal.kept.oldOffAt ?? seen.now });
    const { arn, ...oldSubscription } = seen.oldSubscription;
    return unsubscribe(arn, { ...journal.kept, oldSubscription });
  },
  "subscribe-old": (view) => {
    const { seen, journal } = view;
    const overlapAt = journal.kept.overlapAt ?? seen.now;
    if (seen.oldSubscription !== undefined) return done(view, { overlapAt, oldOffAt: undefined });
    const kept = journal.kept.oldSubscription;
    if (kept === undefined)
      return { kind: "refused", says: "the old subscription is gone, and nothing is known of it" };
    return subscribe(
      view,
      kept.protocol,
      kept.endpoint,
      pick(kept.attributes, (name) => SETTABLE.has(name)),
    );
  },
  "unsubscribe-intake": (view) =>
    view.seen.intakeSubscription === undefined ? done(view) : unsubscribe(view.seen.intakeSubscription.arn),
  "intake-empty": (view) => emptied(view, view.seen.intake, "the intake queue"),
  "forward-empty": (view) => emptied(view, view.seen.forward, "the forward queue"),
  "forward-off": (view) => {
    const { forwardMapping } = view.seen;
    if (forwardMapping === undefined) return done(view);
    return switching(forwardMapping, false, "the mapping on the forward queue") ?? done(view);
  },
  "forward-gone": (view) => {
    const { forwardMapping } = view.seen;
    if (forwardMapping === undefined) return done(view, { forwardMappingId: undefined });
    if (forwardMapping.state === "Deleting")
      return { kind: "wait", why: "the mapping on the forward queue is Deleting" };
    return call({ service: "lambda", action: "DeleteEventSourceMapping", input: { UUID: forwardMapping.id } });
  },
  "move-consumer": ({ place: { source } }) => ({
    kind: "person",
    says:
      `stop every process that reads ${source.intake.queueUrl}, and let it read ` +
      `${"queueUrl" in source.forward ? source.forward.queueUrl : "its forward queue"} from now on`,
  }),
  "move-back": (view) =>
    view.journal.kept.oldOffAt === undefined
      ? done(view)
      : {
          kind: "person",
          says: `let the old processes read ${view.place.source.intake.queueUrl} again, and nothing else`,
        },
};

/** What a person's word is remembered as. */
export const keptByPerson = (step: StepName, { journal, seen }: View): Kept => ({
  ...journal.kept,
  oldOffAt: step === "move-consumer" ? seen.now : undefined,
});

/** Where a step stands, by what is seen and by what the journal remembers. */
export const look = (step: StepName, view: View): Standing => LOOKS[step](view);

type Guard = (view: View) => string | undefined;

const off = (mapping: Mapping | undefined, what: string) =>
  mapping?.state === "Disabled" ? undefined : `${what} is not off`;
const on = (mapping: Mapping | undefined, what: string) =>
  mapping?.state === "Enabled" ? undefined : `${what} is not on`;
const isQueueLambda = ({ place: { source } }: View) =>
  "at" in source.config && source.config.at === "queue" && source.config.consumer.kind === "lambda";
const isTopic = ({ place: { source } }: View) => "at" in source.config && source.config.at === "topic";

/** What must still be so when a step acts: somebody may have changed by hand what earlier steps did. */
const GUARDS: Readonly<Partial<Record<StepName, Guard>>> = {
  "ingest-on": (view) => (isQueueLambda(view) ? off(view.seen.old, "the old consumer's mapping") : undefined),
  sweep: (view) =>
    off(view.seen.ingest, "ingest's mapping") ??
    (isQueueLambda(view) ? off(view.seen.old, "the old consumer's mapping") : undefined),
  "old-on": (view) => off(view.seen.ingest, "ingest's mapping"),
  "unsubscribe-old": (view) =>
    on(view.seen.ingest, "ingest's mapping") ??
    (view.seen.intakeSubscription === undefined ? "the intake queue is not subscribed" : undefined),
  "unsubscribe-intake": (view) =>
    isTopic(view) && view.seen.oldSubscription === undefined ? "the old consumer is not subscribed" : undefined,
  release: (view) =>
    on(view.seen.ingest, "ingest's mapping") ??
    (isQueueLambda(view)
      ? (off(view.seen.old, "the old consumer's mapping") ??
        on(view.seen.forwardMapping, "the mapping on the forward queue"))
      : undefined) ??
    (isTopic(view) && view.seen.oldSubscription !== undefined ? "the old consumer is subscribed" : undefined),
};

/** Why a step must not act now; undefined where it may. */
export const guard = (step: StepName, view: View): string | undefined => GUARDS[step]?.(view);
