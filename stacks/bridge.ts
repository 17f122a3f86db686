import {
  BATCH_SIZE,
  DELEGATE_DEAD_LETTERS_READER,
  deployedSchedules,
  INGEST_READER,
  LEDGER_READER,
  orderRules,
  type QueueReader,
  READ_QUEUES,
  SCHEDULES,
  type ScheduledFunction,
  STREAM_READER,
} from "@crossfade/bridge/deployment";
import type { Functions } from "./functions.ts";
import { pascal } from "./place.ts";
import type { Plan } from "./plan.ts";
import { assumedBy, policy } from "./policy.ts";
import { type Queues, RULES } from "./queues.ts";
import type { Intakes } from "./sources.ts";
import type { Ledger } from "./storage.ts";

/** A mapping without partial batch responses would drop what its function reports as failed (P1). */
const REPORTS = { functionResponseTypes: ["ReportBatchItemFailures"] };

const reading = (
  { function: name, windowSeconds, maximumConcurrency }: QueueReader,
  eventSourceArn: $util.Input<string>,
  functions: Functions,
) => ({
  eventSourceArn,
  functionName: functions(name).arn,
  batchSize: BATCH_SIZE,
  maximumBatchingWindowInSeconds: windowSeconds,
  scalingConfig: { maximumConcurrency },
  ...REPORTS,
});

/** By source: the UUID of ingest's mapping. It is created off, and switched by attach and detach alone from then on. */
export type MappingIds = Readonly<Record<string, $util.Output<string>>>;

function mapIntakes(intakes: Intakes, functions: Functions): MappingIds {
  const ids = [...intakes].map(([source, intakeArn]) => {
    const args = { ...reading(INGEST_READER, intakeArn, functions), enabled: false };
    const mapping = new aws.lambda.EventSourceMapping(`ingest-${source}`, args, { ignoreChanges: ["enabled"] });
    return [source, mapping.uuid] as const;
  });
  return Object.fromEntries(ids);
}

function mapQueues({ delegates, ...queues }: Queues, functions: Functions): void {
  for (const name of ["mirror", "settle", "approvals"] as const) {
    new aws.lambda.EventSourceMapping(name, reading(READ_QUEUES[name], queues[name].queue.arn, functions));
  }
  for (const [i, { deadLetters }] of delegates.entries()) {
    const args = reading(DELEGATE_DEAD_LETTERS_READER, deadLetters.arn, functions);
    new aws.lambda.EventSourceMapping(`delegate-dead-letters-${i}`, args);
  }
}

/** A record that fails comes again until the stream drops it after a day; reconcile then finds what it told of. */
function mapStream({ config }: Plan, functions: Functions): void {
  const { changes } = config.tracking;
  if (!("streamArn" in changes)) return;
  new aws.lambda.EventSourceMapping("observe", {
    eventSourceArn: changes.streamArn,
    functionName: functions(STREAM_READER.function).arn,
    batchSize: STREAM_READER.batchSize,
    maximumBatchingWindowInSeconds: STREAM_READER.windowSeconds,
    parallelizationFactor: STREAM_READER.parallelizationFactor,
    startingPosition: STREAM_READER.startingPosition,
    bisectBatchOnFunctionError: true,
    ...REPORTS,
  });
}

/** What cannot be read is told and passed by; all else comes again until it is counted. */
function mapLedger(ledger: Ledger, functions: Functions): void {
  new aws.lambda.EventSourceMapping("compare", {
    eventSourceArn: ledger.streamArn,
    functionName: functions(LEDGER_READER.function).arn,
    batchSize: LEDGER_READER.batchSize,
    maximumBatchingWindowInSeconds: LEDGER_READER.windowSeconds,
    parallelizationFactor: LEDGER_READER.parallelizationFactor,
    startingPosition: LEDGER_READER.startingPosition,
    filterCriteria: { filters: [{ pattern: JSON.stringify(LEDGER_READER.filter) }] },
    bisectBatchOnFunctionError: true,
    ...REPORTS,
  });
}

/** Events of Order come by the account's default bus, where Step Functions sends them. */
function ruleQueues({ place }: Plan, queues: Queues): void {
  const patterns = orderRules(place.machineArn("Order"));
  for (const name of RULES) {
    const rule = new aws.cloudwatch.EventRule(name, {
      name: place.name(name),
      eventBusName: "default",
      eventPattern: JSON.stringify(patterns[name]),
    });
    new aws.cloudwatch.EventTarget(name, {
      rule: rule.name,
      eventBusName: "default",
      targetId: "queue",
      arn: queues[name].queue.arn,
      deadLetterConfig: { arn: queues.events.arn },
    });
  }
}

function schedule({ place }: Plan, name: ScheduledFunction, functions: Functions): void {
  const fn = functions(name);
  const role = new aws.iam.Role(`${pascal(name)}Schedule`, {
    name: place.name(`${name}-schedule`),
    assumeRolePolicy: assumedBy("scheduler.amazonaws.com", place.accountId),
    inlinePolicies: [
      {
        name: "schedule",
        policy: policy([{ actions: ["lambda:InvokeFunction"], resources: [place.functionArn(name)] }]),
      },
    ],
  });
  const minutes = SCHEDULES[name] / 60;
  new aws.scheduler.Schedule(name, {
    name: place.name(name),
    scheduleExpression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
    flexibleTimeWindow: { mode: "OFF" },
    // The next run does what this one could not: it is not tried again.
    target: { arn: fn.arn, roleArn: role.arn, retryPolicy: { maximumRetryAttempts: 0 } },
  });
  // Lambda would retry an asynchronous call twice, beside the next run.
  new aws.lambda.FunctionEventInvokeConfig(name, { functionName: fn.name, maximumRetryAttempts: 0 });
}

/** What moves messages, events and records to the functions. */
export function bridge(
  plan: Plan,
  { intakes, ledger, queues }: { readonly intakes: Intakes; readonly ledger: Ledger; readonly queues: Queues },
  functions: Functions,
): MappingIds {
  mapQueues(queues, functions);
  mapStream(plan, functions);
  mapLedger(ledger, functions);
  ruleQueues(plan, queues);
  for (const name of deployedSchedules(plan.config)) schedule(plan, name, functions);
  return mapIntakes(intakes, functions);
}
