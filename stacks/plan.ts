import {
  type Contract,
  type DeploymentConfig,
  deadLetterName,
  delegateQueueName,
  deployedFunctions,
  hasForwardQueue,
  type PlacedSource,
  placeSource,
  type QueueNames,
  type SourceConfig,
} from "@crossfade/bridge/deployment";
import { type Machine, orderMachine } from "@crossfade/bridge/machines";
import { type Place, placeOf } from "./place.ts";

/** What is deployed, as plain data: nothing of it waits for AWS. */
export interface Plan {
  readonly contract: Contract;
  readonly config: DeploymentConfig;
  readonly stage: string;
  readonly place: Place;
  readonly sources: ReadonlyMap<string, PlacedSource>;
  /** By route: the queue from which the legacy service takes what is delegated to it. */
  readonly delegates: ReadonlyMap<string, QueueNames>;
  /** Every Action by its name, without the prefix. */
  readonly actions: ReadonlyMap<string, Machine>;
  readonly order: Machine;
}

export const forwardQueueName = (source: string, { forward }: { readonly forward: "fifo" | "standard" }): string =>
  `${source}-forward${forward === "fifo" ? ".fifo" : ""}`;

export const intakeQueueName = (source: string): string => `${source}-intake`;

function sourceAt(place: Place, name: string, source: SourceConfig): PlacedSource {
  if (!hasForwardQueue(source)) return placeSource(source, place.queue(intakeQueueName(name)), undefined);
  const { queueUrl, queueArn } = source;
  return placeSource(source, { queueUrl, queueArn }, place.queue(forwardQueueName(name, source)));
}

/** @throws TypeError when the contract and the configuration do not speak of the same checks or routes. */
export function planOf(contract: Contract, config: DeploymentConfig, stage: string): Plan {
  const { migration, checks } = contract;
  const place = placeOf(migration.name, stage, config);
  const unknown = Object.keys(config.checks).find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined)
    throw new TypeError(`crossfade.config.ts, checks.${unknown}: the contract has no such check`);
  const routes = Object.values(config.sources).flatMap((source) => source.routes);
  const unrouted = routes.find((route) => !migration.routes.has(route));
  if (unrouted !== undefined)
    throw new TypeError(`crossfade.config.ts, sources: the contract has no route ${unrouted}`);
  const delegates = [...migration.routes].flatMap(([route, { toMessage }]) =>
    toMessage === undefined ? [] : [[route, place.queue(`${delegateQueueName(route)}.fifo`)] as const],
  );
  const actions = contract.actions({
    activities: Object.fromEntries(contract.activities.map((name) => [name, place.activityArn(name)])),
    delegateFunction: place.functionArn("delegate"),
  });
  const order = orderMachine({
    statesArn: place.statesArn,
    migration: place.prefix,
    finishOrderArn: place.functionArn("finish-order"),
    planArn: place.functionArn("plan"),
    checks: checks.map((check) => ({ ...check, functionArn: place.functionArn(checkFunction(check.name)) })),
    approvals: { queueUrl: place.queue("approvals").queueUrl, ledgerTable: place.ledger.name },
  });
  return {
    ...{ contract, config, stage, place, order },
    sources: new Map(Object.entries(config.sources).map(([name, source]) => [name, sourceAt(place, name, source)])),
    delegates: new Map(delegates),
    actions: new Map(Object.entries(actions)),
  };
}

export const checkFunction = (check: string): string => `check-${check}`;

/** The Actions that hand work over to the legacy service, and wait for it with a token. */
export const delegating = ({ actions, place }: Plan): readonly string[] =>
  [...actions]
    .filter(([, machine]) => JSON.stringify(machine).includes(place.functionArn("delegate")))
    .map(([name]) => name);

/** The queues that hold what the legacy service gave up. */
export const delegateDeadLetters = ({ delegates, place }: Plan): readonly QueueNames[] =>
  [...delegates.keys()].map((route) => place.queue(deadLetterName(`${delegateQueueName(route)}.fifo`)));

/** Every function by its name: the bridge's own, and one for each check of the migration. */
export const functionNames = ({ contract, config }: Plan): readonly string[] => [
  ...deployedFunctions(config),
  ...contract.checks.map(({ name }) => checkFunction(name)),
];

/** The queues of the bridge that have a dead-letter queue, by what that holds. */
function queuesWithDeadLetters({ config, delegates }: Plan): Readonly<Record<string, string>> {
  const ofSources = Object.entries(config.sources).map(([name, source]) =>
    hasForwardQueue(source) ? forwardQueueName(name, source) : intakeQueueName(name),
  );
  const ofDelegates = [...delegates.keys()].map((route) => `${delegateQueueName(route)}.fifo`);
  const own = ["mirror", "settle", "approvals", ...ofSources, ...ofDelegates];
  return Object.fromEntries(own.map((name) => [name.replace(/\.fifo$/, ""), name]));
}

/** What holds messages that nobody could handle, by what they are. */
export const deadLetterQueues = (plan: Plan): Readonly<Record<string, string>> => ({
  quarantine: "quarantine",
  events: "events-dlq",
  ...Object.fromEntries(
    Object.entries(queuesWithDeadLetters(plan)).map(([what, name]) => [what, deadLetterName(name)]),
  ),
});

/** The same with their URLs and ARNs, and where their messages return. */
export function deadLettersOf(plan: Plan): Readonly<Record<string, QueueNames & { readonly returnsTo?: QueueNames }>> {
  const returns = queuesWithDeadLetters(plan);
  const returnsTo = (queue: string | undefined) => queue !== undefined && { returnsTo: plan.place.queue(queue) };
  return Object.fromEntries(
    Object.entries(deadLetterQueues(plan)).map(([what, name]) => [
      what,
      { ...plan.place.queue(name), ...returnsTo(returns[what]) },
    ]),
  );
}
