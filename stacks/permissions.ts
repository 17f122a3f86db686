import { PAYLOAD_LIFECYCLE } from "@crossfade/bridge/adapters/s3-payloads";
import { type FunctionName, hasForwardQueue, type PlacedSource, type QueueNames } from "@crossfade/bridge/deployment";
import { deadLettersOf, delegateDeadLetters, delegating, type Plan } from "./plan.ts";
import type { Statement } from "./policy.ts";

/** Of DynamoDB. A transaction is allowed by what is in it: there is no action for the whole. */
type ItemAction = `${"Get" | "BatchGet" | "Put" | "Update" | "Delete" | "ConditionCheck"}Item` | "Query";

const onTable = (arn: string, actions: readonly ItemAction[]): Statement => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [arn],
});

const decrypt = (keyArn: string | undefined): readonly Statement[] =>
  keyArn === undefined ? [] : [{ actions: ["kms:Decrypt"], resources: [keyArn] }];

export const ledger = ({ place }: Plan, ...actions: readonly ItemAction[]): Statement =>
  onTable(place.ledger.arn, actions);

/** Writes of items whose partition keys are like these, and of no claim, charge or count. */
const putLike = (plan: Plan, ...keys: readonly string[]): Statement => ({ ...ledger(plan, "PutItem"), keys });
const ROUTES = "ROUTE#*";
const MOVES = "MOVE#*";

/** Claims in flight, open effects, and requests for approval. */
export const ledgerIndex = ({ place }: Plan): Statement => onTable(place.ledger.indexArn("in-flight"), ["Query"]);

/** Requests by their verdict. */
const verdictsIndex = ({ place }: Plan): Statement => onTable(place.ledger.indexArn("verdicts"), ["Query"]);

/** Claims whose plan has not ended. */
const openShadows = ({ place }: Plan): Statement => onTable(place.ledger.indexArn("open-shadows"), ["Query"]);

const tracking = ({ config }: Plan, ...actions: readonly ItemAction[]): readonly Statement[] => [
  onTable(config.tracking.tableArn, actions),
  ...decrypt(config.tracking.keyArn),
];

const objects = ({ place }: Plan): string => `${place.bucket.arn}/${PAYLOAD_LIFECYCLE.prefix}*`;

export const putPayloads = (plan: Plan): Statement => ({ actions: ["s3:PutObject"], resources: [objects(plan)] });

/** Without leave to list, S3 says "forbidden" of a payload that is missing. */
export const readPayloads = (plan: Plan): readonly Statement[] => [
  { actions: ["s3:GetObject"], resources: [objects(plan)] },
  { actions: ["s3:ListBucket"], resources: [plan.place.bucket.arn] },
];

const send = (...queues: readonly QueueNames[]): readonly Statement[] =>
  queues.length === 0 ? [] : [{ actions: ["sqs:SendMessage"], resources: queues.map(({ queueArn }) => queueArn) }];

const comeBack = (...queues: readonly QueueNames[]): Statement => ({
  actions: ["sqs:ChangeMessageVisibility"],
  resources: queues.map(({ queueArn }) => queueArn),
});

/** What Lambda calls in the function's name for an event source mapping of a queue. */
const consume = (...queues: readonly QueueNames[]): Statement => ({
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  resources: queues.map(({ queueArn }) => queueArn),
});

/** What Lambda calls in the function's name for an event source mapping of a stream. */
const STREAM_ACTIONS = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];

const consumeStream = ({ config }: Plan): readonly Statement[] =>
  "streamArn" in config.tracking.changes
    ? [{ actions: STREAM_ACTIONS, resources: [config.tracking.changes.streamArn] }]
    : [];

/** A stream's name is the time at which it was switched on. */
const consumeLedger = ({ place }: Plan): Statement => ({
  actions: STREAM_ACTIONS,
  resources: [`${place.ledger.arn}/stream/*`],
});

const payments = ({ config }: Plan): readonly Statement[] =>
  config.payments.kind === "table"
    ? [onTable(config.payments.tableArn, ["GetItem", "UpdateItem"]), ...decrypt(config.payments.keyArn)]
    : [];

const describeOrders = ({ place }: Plan): Statement => ({
  actions: ["states:DescribeExecution"],
  resources: [place.executionsArn("Order")],
});

/** Order and its Actions. */
const describeExecutions = ({ place, actions }: Plan): Statement => ({
  actions: ["states:DescribeExecution"],
  resources: ["Order", ...actions.keys()].map(place.executionsArn),
});

/** Where an order broke stands in its own history, and in that of the Action in which it stood (R4). */
const histories = ({ place, actions }: Plan): Statement => ({
  actions: ["states:GetExecutionHistory"],
  resources: ["Order", ...actions.keys()].map(place.executionsArn),
});

/** A task token belongs to the machine that made it: its ARN is what AWS asks about. */
const answerTasks = ({ place }: Plan, machines: readonly string[]): readonly Statement[] =>
  machines.length === 0 ? [] : [{ actions: ["states:SendTaskSuccess"], resources: machines.map(place.machineArn) }];

function forwards({ forward }: PlacedSource): readonly Statement[] {
  if ("queueArn" in forward) return send(forward);
  if (forward.kind === "topic") return [{ actions: ["sns:Publish"], resources: [forward.topicArn] }];
  if (forward.kind === "lambda") return [{ actions: ["lambda:InvokeFunction"], resources: [forward.functionArn] }];
  return [];
}

function ingest(plan: Plan): readonly Statement[] {
  const placed = [...plan.sources];
  const intakes = placed.map(([, { intake }]) => intake);
  return [
    // The rollout; the claim with its pin, the mark, and other requests' claims in a pin.
    ledger(plan, "GetItem", "BatchGetItem", "PutItem", "UpdateItem"),
    // A row tells, before a lease is taken over, whether the old consumer has its message.
    ...tracking(plan, "GetItem"),
    { actions: ["states:StartExecution"], resources: [plan.place.machineArn("Order")] },
    putPayloads(plan),
    ...placed.flatMap(([, source]) => forwards(source)),
    ...send(plan.place.queue("quarantine")),
    consume(...intakes),
    comeBack(...intakes),
    ...Object.values(plan.config.sources).flatMap((source) => (hasForwardQueue(source) ? decrypt(source.keyArn) : [])),
  ];
}

const mirrorItself = (plan: Plan): readonly Statement[] => [
  ledger(plan, "BatchGetItem", "UpdateItem"),
  ...tracking(plan, "GetItem", "UpdateItem"),
  ...readPayloads(plan),
  describeOrders(plan),
];

/** The charge, and what the ledger's effects say of the items. */
const finishOrder = (plan: Plan): readonly Statement[] => [
  ledger(plan, "GetItem", "UpdateItem", "Query"),
  ...payments(plan),
];

/** settle, and reconcile in its place. */
const settleItself = (plan: Plan): readonly Statement[] => [
  ...mirrorItself(plan),
  ...finishOrder(plan),
  ledger(plan, "PutItem"),
  histories(plan),
];

/** The end of delegated work: the outcome, then the token, then its answer. */
const endDelegated = (plan: Plan): readonly Statement[] => [
  ledger(plan, "GetItem", "UpdateItem", "DeleteItem", "Query"),
  putPayloads(plan),
  ...answerTasks(plan, delegating(plan)),
];

const observeItself = (plan: Plan): readonly Statement[] => [...endDelegated(plan), ...tracking(plan, "UpdateItem")];

/** The other queues to which a dead letter may return, and the keys of those that are encrypted with one. */
function redrives(plan: Plan): readonly Statement[] {
  const returns = [
    ...[...plan.sources.values()].map(({ intake }) => intake),
    ...Object.values(deadLettersOf(plan)).flatMap(({ returnsTo }) => returnsTo ?? []),
  ];
  const unique = new Map(returns.map((queue) => [queue.queueArn, queue]));
  const keys = Object.values(plan.config.sources).flatMap((source) =>
    hasForwardQueue(source) ? (source.keyArn ?? []) : [],
  );
  const encrypt = keys.length === 0 ? [] : [{ actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: keys }];
  return [...send(...unique.values()), ...encrypt];
}

/** What a person sees and does. No claim, no effect, no charge is changed, and no payload is read. */
function api(plan: Plan): readonly Statement[] {
  const deadLetters = Object.values(deadLettersOf(plan));
  return [
    // Rollouts, guards, their audit and what was done with dead letters are written; all else is read.
    putLike(plan, ROUTES, MOVES),
    ledger(plan, "BatchGetItem", "ConditionCheckItem", "GetItem", "Query"),
    ledgerIndex(plan),
    verdictsIndex(plan),
    ...tracking(plan, "GetItem"),
    describeExecutions(plan),
    histories(plan),
    consume(...deadLetters),
    comeBack(...deadLetters),
    ...redrives(plan),
  ];
}
/** What was counted, and the counts. */
const countItself = (plan: Plan): readonly Statement[] => [ledger(plan, "BatchGetItem", "PutItem", "UpdateItem")];

const FUNCTION_PERMISSIONS: Readonly<Record<FunctionName, (plan: Plan) => readonly Statement[]>> = {
  ingest,
  mirror: (plan) => {
    const queue = plan.place.queue("mirror");
    return [...mirrorItself(plan), consume(queue), comeBack(queue)];
  },
  settle: (plan) => {
    const queue = plan.place.queue("settle");
    return [...settleItself(plan), consume(queue), comeBack(queue)];
  },
  observe: (plan) => [...observeItself(plan), ...consumeStream(plan)],
  compare: (plan) => [...countItself(plan), consumeLedger(plan)],
  overdue: (plan) => [
    ...countItself(plan),
    // Its bookmarks, and the claims that lack a side.
    ledger(plan, "GetItem", "PutItem"),
    ledgerIndex(plan),
    openShadows(plan),
  ],
  reconcile: (plan) => [
    ...settleItself(plan),
    ...observeItself(plan),
    ledgerIndex(plan),
    openShadows(plan),
    // What was begun and perhaps never sent is sent again where the row says that nobody has it.
    ...send(...plan.delegates.values()),
  ],
  poll: (plan) => [
    ...observeItself(plan),
    // Its bookmarks, and the claims that are open or have lately ended.
    ledger(plan, "GetItem", "PutItem", "UpdateItem"),
    ledgerIndex(plan),
    ...pollRows(plan),
  ],
  // Its records, the rollouts and their audit, and the counts: no claim, and nothing else (X10).
  guard: (plan) => [putLike(plan, ROUTES), ledger(plan, "GetItem", "Query")],
  "finish-order": finishOrder,
  // Nothing but the inputs that travel apart: a plan can change nothing (P8).
  plan: readPayloads,
  delegate: (plan) => [
    ledger(plan, "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "Query"),
    ...readPayloads(plan),
    ...send(...plan.delegates.values()),
    ...answerTasks(plan, delegating(plan)),
  ],
  "delegate-dead-letters": (plan) => [
    ...endDelegated(plan),
    ...tracking(plan, "GetItem"),
    ...send(plan.place.queue("quarantine")),
    ...consumeDelegateDeadLetters(plan),
  ],
  "approval-requests": (plan) => [
    ledger(plan, "UpdateItem"),
    ...answerTasks(plan, ["Order"]),
    // How the wait ended that a late answer finds closed.
    { actions: ["states:GetExecutionHistory"], resources: [plan.place.executionsArn("Order")] },
    consume(plan.place.queue("approvals")),
  ],
  api,
};

/** By the claims' own keys, or by an index of the table's. */
function pollRows(plan: Plan): readonly Statement[] {
  const { tableArn, changes } = plan.config.tracking;
  if (!("poll" in changes)) return [];
  const rows = tracking(plan, "BatchGetItem");
  return changes.poll.by === "claims" ? rows : [onTable(`${tableArn}/index/${changes.poll.index}`, ["Query"]), ...rows];
}

const consumeDelegateDeadLetters = (plan: Plan): readonly Statement[] => {
  const queues = delegateDeadLetters(plan);
  return queues.length === 0 ? [] : [consume(...queues)];
};

export const functionPermissions = (name: FunctionName, plan: Plan): readonly Statement[] =>
  merged(FUNCTION_PERMISSIONS[name](plan));

/** A check reads its items' inputs, which may travel apart, and what the configuration says. */
export const checkPermissions = (name: string, plan: Plan): readonly Statement[] =>
  merged([...readPayloads(plan), ...(plan.config.checks[name]?.permissions ?? [])]);

/** One statement for each set of resources and keys, each action once. */
function merged(statements: readonly Statement[]): readonly Statement[] {
  const actions = new Map<string, Omit<Statement, "actions"> & { readonly actions: Set<string> }>();
  for (const { resources, keys, actions: more } of statements) {
    const key = JSON.stringify([resources, keys]);
    const known = actions.get(key) ?? { resources, keys, actions: new Set<string>() };
    for (const action of more) known.actions.add(action);
    actions.set(key, known);
  }
  return [...actions.values()].map((each) => ({ ...each, actions: [...each.actions].sort() }));
}
