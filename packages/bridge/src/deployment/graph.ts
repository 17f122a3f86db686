import type { DeploymentConfig } from "./config.ts";

/**
 * What is deployed, apart from the machines: the stacks and the embedded cloud read the same settings, and a test compares
 * what they make of them. Times are seconds.
 */
export interface FunctionSettings {
  /** Path of the module from the root of the repository, and the name of its export. */
  readonly handler: string;
  readonly timeoutSeconds: number;
}

const bridgeFunction = (name: string, timeoutSeconds: number): FunctionSettings => ({
  handler: `packages/functions/src/${name}.handler`,
  timeoutSeconds,
});

/** A legacy queue's visibility timeout is often no more than 30 s: ingest stays far below it. */
const SHORT = 10;
/** Card charges: a provider may take its time. */
const LONG = 30;

export const FUNCTIONS = {
  ingest: bridgeFunction("ingest", SHORT),
  mirror: bridgeFunction("mirror", SHORT),
  settle: bridgeFunction("settle", LONG),
  observe: bridgeFunction("observe", LONG),
  compare: bridgeFunction("compare", LONG),
  overdue: bridgeFunction("overdue", 60),
  reconcile: bridgeFunction("reconcile", 60),
  poll: bridgeFunction("poll", 60),
  guard: bridgeFunction("guard", 60),
  "finish-order": bridgeFunction("finish-order", LONG),
  plan: bridgeFunction("plan", SHORT),
  delegate: bridgeFunction("delegate", LONG),
  "delegate-dead-letters": bridgeFunction("delegate-dead-letters", SHORT),
  "approval-requests": bridgeFunction("approval-requests", SHORT),
  // API Gateway waits for 30 s, and the API ends by itself before that.
  api: bridgeFunction("api", 29),
} as const satisfies Readonly<Record<string, FunctionSettings>>;
export type FunctionName = keyof typeof FUNCTIONS;

/** The functions that read the tracking table's changes: its stream calls the one, a schedule the other. */
const CHANGES: ReadonlySet<string> = new Set<FunctionName>(["observe", "poll"]);

/** What decides which functions there are. */
type Deploying = Pick<DeploymentConfig, "tracking" | "dashboard">;

/** The functions that a deployment has, by their names. */
export function deployedFunctions({ tracking, dashboard }: Deploying): readonly FunctionName[] {
  const reader: FunctionName = "streamArn" in tracking.changes ? "observe" : "poll";
  const names = Object.keys(FUNCTIONS).filter((name): name is FunctionName => name in FUNCTIONS);
  const wanted = names.filter((name) => name === reader || !CHANGES.has(name));
  return dashboard === undefined ? wanted.filter((name) => name !== "api") : wanted;
}

/** Of the function of a check; Order waits 30 s for it. */
export const CHECK_TIMEOUT_SECONDS = 15;

export interface QueueReader {
  readonly function: FunctionName;
  /** 0: a batch is what lies in the queue at that moment. */
  readonly windowSeconds: number;
  readonly maximumConcurrency: number;
}

export const BATCH_SIZE = 10;

/** A message of the legacy system never waits for company; a burst fills its batches by itself (L2). */
export const INGEST_READER: QueueReader = { function: "ingest", windowSeconds: 0, maximumConcurrency: 10 };

/** The queues of the bridge that a function reads. Readers of the old table may learn of a status a second late. */
export const READ_QUEUES = {
  mirror: { function: "mirror", windowSeconds: 1, maximumConcurrency: 5 },
  settle: { function: "settle", windowSeconds: 0, maximumConcurrency: 5 },
  approvals: { function: "approval-requests", windowSeconds: 0, maximumConcurrency: 2 },
} as const satisfies Readonly<Record<string, QueueReader>>;
export type ReadQueue = keyof typeof READ_QUEUES;

/** What the legacy service gave up of the work that was delegated to it. */
export const DELEGATE_DEAD_LETTERS_READER: QueueReader = {
  function: "delegate-dead-letters",
  windowSeconds: 0,
  maximumConcurrency: 2,
};

/** Six times the function's timeout and the batch window, as AWS recommends for a queue that a function reads. */
export const visibilityFor = ({ function: name, windowSeconds }: QueueReader): number =>
  6 * FUNCTIONS[name].timeoutSeconds + windowSeconds;

/** Receives before a message of the bridge's own goes to its dead-letter queue. */
export const MAX_RECEIVES = 50;
/** The same, of work delegated to the legacy service. */
export const DELEGATE_RECEIVES = 10;

/** Of a queue from which the legacy service takes delegated work. */
export const DELEGATE_VISIBILITY_SECONDS = 60;

/** Of the lease on a forwarded message; longer than ingest may run (A4). */
export const LEASE_SECONDS = 90;

/** The longest that SQS keeps a message: 14 days. */
export const RETENTION_SECONDS = 14 * 24 * 3600;

/**
 * The stream of the tracking table. Records of one row stay in order; what fails is halved, and comes again. No window:
 * delegated work waits for these records.
 */
export const STREAM_READER = {
  function: "observe",
  batchSize: 100,
  windowSeconds: 0,
  parallelizationFactor: 4,
  startingPosition: "TRIM_HORIZON",
} as const;

/**
 * The stream of the ledger, of which claims and refused messages are counted, and nothing that counting itself writes. The
 * window is what makes counting cheap: hours and totals are written once for all requests of a batch. One batch of a shard
 * at a time, since all of them add to the same totals.
 */
export const LEDGER_READER = {
  function: "compare",
  batchSize: 100,
  windowSeconds: 5,
  parallelizationFactor: 1,
  startingPosition: "TRIM_HORIZON",
  filter: { dynamodb: { Keys: { sk: { S: ["CLAIM", "REJECTED"] } } } },
} as const;

/** What runs on a schedule, in seconds from one run to the next; EventBridge Scheduler's least is a minute. */
export const SCHEDULES = { overdue: 300, reconcile: 60, poll: 60, guard: 60 } as const satisfies Partial<
  Readonly<Record<FunctionName, number>>
>;
export type ScheduledFunction = keyof typeof SCHEDULES;

/** The schedules that a deployment has. */
export const deployedSchedules = (config: Deploying): readonly ScheduledFunction[] =>
  deployedFunctions(config).filter((name): name is ScheduledFunction => name in SCHEDULES);

const STATUS_CHANGE = { source: ["aws.states"], "detail-type": ["Step Functions Execution Status Change"] };

/** Successful and running orders go to the mirror, unsuccessful endings to settle; Actions are not mirrored. */
export const orderRules = (orderArn: string) =>
  ({
    mirror: { ...STATUS_CHANGE, detail: { stateMachineArn: [orderArn], status: ["RUNNING", "SUCCEEDED"] } },
    settle: { ...STATUS_CHANGE, detail: { stateMachineArn: [orderArn], status: ["FAILED", "TIMED_OUT", "ABORTED"] } },
  }) as const satisfies Partial<Readonly<Record<ReadQueue, unknown>>>;

/** The queue of a route whose work may be delegated. */
export const delegateQueueName = (route: string): string => `delegate-${route.toLowerCase().replaceAll("_", "-")}`;

/** The name of a table, without the region's and the account's part, as the functions read it. */
export const tableName = (arn: string): string => arn.slice(arn.indexOf(":table/") + ":table/".length);

/** A dead-letter queue has its queue's name and kind. */
export const deadLetterName = (name: string): string => name.replace(/(\.fifo)?$/, "-dlq$1");
