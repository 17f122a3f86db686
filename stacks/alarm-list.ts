import type { PollReport } from "@crossfade/bridge";
import { type FunctionName, hasForwardQueue, SCHEDULES, type ScheduledFunction } from "@crossfade/bridge/deployment";
import { functionMetric, type Metric, machineMetric, ownMetric, queueMetric, sumOf } from "./metric.ts";
import { deadLetterQueues, forwardQueueName, functionNames, type Plan } from "./plan.ts";

/** When a person is called. `metrics` are added up, unless an expression over m0, m1, ... says otherwise. */
export interface Alarm {
  readonly name: string;
  /** The promise that is at stake (docs/architecture.md), or X10 for the guard, and what has happened to it. */
  readonly says: string;
  readonly metrics: readonly Metric[];
  readonly expression?: string;
  /** It rings at this number and above; below it where `below` is set. */
  readonly threshold: number;
  readonly below?: true;
  /** Seconds of one period, and how many in a row. */
  readonly period: number;
  readonly periods: number;
  /** No data is a bad sign. */
  readonly silenceRings?: true;
}

const MINUTE = 60;

/** Of one event: it happened in these five minutes. */
const ONCE = { threshold: 1, period: 5 * MINUTE, periods: 1 } as const;
/** Of what may pass by itself: it lasted a quarter of an hour. */
const LASTING = { threshold: 1, period: 5 * MINUTE, periods: 3 } as const;

const deadLetters = (plan: Plan): readonly Alarm[] =>
  Object.entries(deadLetterQueues(plan)).map(([what, name]) => ({
    name: `dead-letters-${what}`,
    says: what === "quarantine" ? "P10: a message was refused, and is kept" : `P1: ${what}: a message was given up`,
    metrics: [queueMetric("ApproximateNumberOfMessagesVisible", plan.place.queue(name).queueArn)],
    ...ONCE,
  }));

/** Seconds. A message that waits for a pin comes back within 15 minutes, and the old consumer may have a burst before it. */
const OLDEST = {
  intake: 30 * MINUTE,
  forward: 60 * MINUTE,
  mirror: 2 * MINUTE,
  settle: 5 * MINUTE,
  approvals: 5 * MINUTE,
};

function oldestMessages({ config, place, sources }: Plan): readonly Alarm[] {
  const alarm = (name: string, says: string, queueArn: string, threshold: number): Alarm => ({
    name,
    says,
    metrics: [queueMetric("ApproximateAgeOfOldestMessage", queueArn)],
    threshold,
    period: MINUTE,
    periods: 5,
  });
  const intakes = [...sources].map(([name, { intake }]) =>
    alarm(`oldest-${name}`, `P1: ${name}: ingest does not keep up`, intake.queueArn, OLDEST.intake),
  );
  const forwards = Object.entries(config.sources).flatMap(([name, source]) => {
    if (!hasForwardQueue(source)) return [];
    const { queueArn } = place.queue(forwardQueueName(name, source));
    return [
      alarm(`oldest-${name}-forward`, `P1: ${name}: the old consumer does not keep up`, queueArn, OLDEST.forward),
    ];
  });
  const read = (["mirror", "settle", "approvals"] as const).map((name) =>
    alarm(`oldest-${name}`, `P6: ${name} does not keep up`, place.queue(name).queueArn, OLDEST[name]),
  );
  return [...intakes, ...forwards, ...read];
}

/** CloudWatch takes ten metrics in one alarm: what ingest accounted for leaves room for so many sources. */
const MOST_SOURCES = 9;

/**
 * What was acknowledged at the intakes, against what ingest says of it, in percent of an hour. Both are counted by the
 * minute and not in the same one: a gap that lasts two hours is none of the clock's.
 */
function conservation({ place, sources }: Plan): readonly Alarm[] {
  if (sources.size > MOST_SOURCES) return [];
  const acknowledged = [...sources.values()].map(({ intake }) =>
    queueMetric("NumberOfMessagesDeleted", intake.queueArn),
  );
  const accounted = [ownMetric(place, "Ingest.accounted", "ingest")];
  const all = sumOf(acknowledged);
  return [
    {
      name: "conservation-gap",
      says: "P9: messages were acknowledged that ingest does not account for",
      metrics: [...acknowledged, ...accounted],
      expression: `IF(${all} > 0, 100 * (${all} - ${sumOf(accounted, acknowledged.length)}) / ${all}, 0)`,
      threshold: 5,
      period: 60 * MINUTE,
      periods: 2,
    },
  ];
}

function executions({ actions, place }: Plan): readonly Alarm[] {
  const order = (["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] as const).map((name) =>
    machineMetric(place, name, "Order"),
  );
  const machines = ["Order", ...actions.keys()];
  const throttled = machines.map((name) => ({
    name: `throttled-${name}`,
    says: `P3: starts of ${name} are throttled`,
    metrics: [machineMetric(place, "ExecutionThrottled", name)],
    ...LASTING,
  }));
  const failed = [...actions.keys()].map((name) => ({
    name: `failed-${name}`,
    says: `P7: ${name} ended without an outcome`,
    metrics: [machineMetric(place, "ExecutionsFailed", name), machineMetric(place, "ExecutionsTimedOut", name)],
    ...ONCE,
  }));
  return [
    { name: "failed-Order", says: "P6: an order ended unsuccessfully: settle has it", metrics: order, ...ONCE },
    ...failed,
    ...throttled,
  ];
}

function functions(plan: Plan): readonly Alarm[] {
  const of = (name: "Errors" | "Throttles", what: string) =>
    functionNames(plan).map((fn) => ({
      name: `${name.toLowerCase()}-${fn}`,
      says: `P1: ${fn} ${what}`,
      metrics: [functionMetric(plan.place, name, fn)],
      ...LASTING,
    }));
  return [...of("Errors", "fails as a whole"), ...of("Throttles", "is throttled")];
}

/** What a function counts that a person must look at: its name, who counts it, and what it means. */
const COUNTED: readonly (readonly [metric: string, services: readonly string[], says: string])[] = [
  ["Charge.mismatch", ["finish-order", "settle", "reconcile"], "P7: a charge is not what was decided"],
  ["Order.unpaidItems", ["finish-order", "settle", "reconcile"], "P7: items are done and not paid"],
  ["Order.partlyDoneItems", ["finish-order", "settle", "reconcile"], "P7: items are done in part"],
  ["Mirror.withoutRow", ["mirror", "settle", "reconcile"], "P5: a request's row is another route's"],
  ["Delegate.deadLettered", ["delegate-dead-letters"], "P1: the legacy service gave delegated work up"],
  ["Evidence.failed", ["settle", "reconcile"], "P6: why an order broke was not kept"],
  ["Compare.unreadable", ["compare"], "P9: a claim could not be read, and is not counted"],
];

/** Who reads the tracking table's changes, and the name with which its metrics begin. */
const readerOf = ({ config }: Plan) => ("streamArn" in config.tracking.changes ? "observe" : "poll");
const METRIC = { observe: "Observe", poll: "Poll" } as const;

function rows(plan: Plan): readonly Alarm[] {
  const reader = readerOf(plan);
  const metric = (what: keyof PollReport["counts"]) => ownMetric(plan.place, `${METRIC[reader]}.${what}`, reader);
  return [
    {
      name: `${reader}-contradicted`,
      says: "P5: a row says otherwise than it said before",
      metrics: [metric("contradicted")],
      ...ONCE,
    },
    { name: `${reader}-failed`, says: "P6: rows cannot be observed", metrics: [metric("failed")], ...LASTING },
    reader === "observe"
      ? lag(plan, "stream-lag", "P6: the tracking table's stream is read late", reader)
      : silent(plan, reader),
  ];
}

/** A record of a stream waits for five minutes, for five minutes on end. */
const lag = ({ place }: Plan, name: string, says: string, reader: FunctionName): Alarm => ({
  ...{ name, says, metrics: [functionMetric(place, "IteratorAge", reader)] },
  ...{ threshold: 5 * MINUTE * 1_000, period: MINUTE, periods: 5 },
});

/** A schedule that has stopped would go unnoticed. */
const SERVES: Readonly<Record<ScheduledFunction, string>> = {
  overdue: "P9",
  poll: "P6",
  reconcile: "P6",
  guard: "X10",
};
const silent = ({ place }: Plan, name: ScheduledFunction): Alarm => ({
  name: `${name}-silent`,
  says: `${SERVES[name]}: ${name} does not run`,
  metrics: [functionMetric(place, "Invocations", name)],
  ...{ threshold: 1, below: true, period: 5 * MINUTE, periods: 2, silenceRings: true },
});

function counted({ contract, place }: Plan): readonly Alarm[] {
  const alarms = COUNTED.map(([metric, services, says]) => ({
    name: metric.replace(".", "-"),
    says,
    metrics: services.map((service) => ownMetric(place, metric, service)),
    ...ONCE,
  }));
  const unknown = contract.activities.map((activity) => ({
    name: `effects-unknown-${activity}`,
    says: `P7: ${activity} cannot say what became of a command`,
    metrics: [ownMetric(place, "Effects.unknown", `${activity}-worker`)],
    ...LASTING,
  }));
  return [
    ...alarms,
    ...unknown,
    {
      name: "mirror-lag",
      says: "P6: the old table learns late",
      metrics: [ownMetric(place, "Mirror.lagMs", "mirror", "Maximum")],
      threshold: OLDEST.mirror * 1_000,
      period: MINUTE,
      periods: 5,
    },
    {
      name: "oldest-open",
      says: "P6: a request is open for longer than any approval or burst explains; its pin and its charge wait",
      metrics: [ownMetric(place, "Reconcile.oldestOpenMs", "reconcile", "Maximum")],
      threshold: 4 * 24 * 60 * MINUTE * 1_000,
      period: 60 * MINUTE,
      periods: 1,
    },
    {
      name: "rollout-age",
      says: "P2: ingest decides by an old rollout: its source is out of reach",
      metrics: [ownMetric(place, "RolloutAgeMs", "ingest", "Maximum")],
      threshold: 60_000,
      period: MINUTE,
      periods: 5,
    },
    {
      name: "reconcile-failed",
      says: "P6: reconcile cannot repair a claim",
      metrics: [ownMetric(place, "Reconcile.failed", "reconcile")],
      ...LASTING,
    },
  ];
}

/** Nothing that was promised is broken when a route is rolled back; a person must know of it, and of a guard that is blind. */
const guard = (plan: Plan): readonly Alarm[] => [
  {
    name: "guard-rolled-back",
    says: "X10: the guard rolled a route back: crossfade audit tells which, and by which numbers",
    // The second, a look later, is for those of `crossfade guard run` and of a run that died before it told.
    metrics: ["rolledBack", "foundRolledBack"].map((what) => ownMetric(plan.place, `Guard.${what}`, "guard")),
    // As often as it looks: the next one rings anew.
    ...{ threshold: 1, period: SCHEDULES.guard, periods: 1 },
  },
  {
    name: "guard-failed",
    says: "X10: the guard cannot look at a route, and would not roll it back",
    metrics: [ownMetric(plan.place, "Guard.failed", "guard"), ownMetric(plan.place, "Guard.left", "guard")],
    ...LASTING,
  },
  silent(plan, "guard"),
];

/** The parts of AWS that the promises stand on. */
const foundations = (plan: Plan): readonly Alarm[] => [
  silent(plan, "reconcile"),
  silent(plan, "overdue"),
  lag(plan, "counts-lag", "P9: the ledger's stream is read late: the counts are behind", "compare"),
  ...(["ReadThrottleEvents", "WriteThrottleEvents"] as const).map((name) => ({
    name: `ledger-${name}`,
    says: "P1: the ledger is throttled",
    metrics: [
      { namespace: "AWS/DynamoDB", name, dimensions: { TableName: plan.place.ledger.name }, stat: "Sum" } as const,
    ],
    ...LASTING,
  })),
];

/** Every alarm of a deployment, one for each promise that can be watched and for each part that can break it. */
export const alarmsOf = (plan: Plan): readonly Alarm[] => [
  ...deadLetters(plan),
  ...oldestMessages(plan),
  ...conservation(plan),
  ...executions(plan),
  ...functions(plan),
  ...counted(plan),
  ...rows(plan),
  ...guard(plan),
  ...foundations(plan),
];
