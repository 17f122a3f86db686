import * as z from "zod";
import { byName, DEFAULT_VISIBILITY, type Graph, normaliser, RedrivePolicy } from "./graph.ts";
import { json, type Stack } from "./stack.ts";

const Queue = z.object({
  name: z.string(),
  fifoQueue: z.boolean().default(false),
  messageRetentionSeconds: z.number(),
  visibilityTimeoutSeconds: z.number().default(DEFAULT_VISIBILITY),
  redrivePolicy: RedrivePolicy.optional(),
});
const Mapping = z.object({
  eventSourceArn: z.string(),
  functionName: z.string(),
  enabled: z.boolean().default(true),
  batchSize: z.number(),
  maximumBatchingWindowInSeconds: z.number(),
  functionResponseTypes: z.array(z.string()),
  scalingConfig: z.object({ maximumConcurrency: z.number() }).optional(),
  parallelizationFactor: z.number().optional(),
  startingPosition: z.string().optional(),
  bisectBatchOnFunctionError: z.boolean().optional(),
  filterCriteria: z.object({ filters: z.array(z.object({ pattern: json(z.unknown()) })) }).optional(),
});
const Schedule = z.object({
  scheduleExpression: z.string().transform((text) => /^rate\((\d+) minutes?\)$/.exec(text)?.[1]),
  target: z.object({ arn: z.string() }),
});
const Named = z.object({ name: z.string() });
const Rule = Named.extend({ eventPattern: json(z.unknown()) });
const Target = z.object({ rule: z.string(), arn: z.string() });
const Machine = Named.extend({ definition: json(z.unknown()), type: z.string() });
const Fn = Named.extend({ timeout: z.number() });

/** What the stacks deploy. */
export function graphOfStack(stack: Stack): Graph {
  const { name, data } = normaliser([{ text: stack.prefix, after: /\b/ }]);
  const inputs = <S extends z.ZodType>(kind: Parameters<Stack["all"]>[0], schema: S) =>
    stack.all(kind).map((each) => schema.parse(each.inputs));
  const targets = inputs("target", Target);
  return {
    functions: byName(inputs("function", Fn).map((fn) => [name(fn.name), fn.timeout])),
    queues: byName(
      inputs("queue", Queue).map((queue) => [
        name(queue.name),
        {
          fifo: queue.fifoQueue,
          retentionSeconds: queue.messageRetentionSeconds,
          visibilitySeconds: queue.visibilityTimeoutSeconds,
          deadLetters: queue.redrivePolicy && name(queue.redrivePolicy.deadLetterTargetArn),
          maxReceives: queue.redrivePolicy?.maxReceiveCount,
        },
      ]),
    ),
    mappings: byName(
      inputs("mapping", Mapping).map(({ eventSourceArn, functionName, ...settings }) => [
        `${name(eventSourceArn)} -> ${name(functionName)}`,
        { ...settings },
      ]),
    ),
    rules: byName(
      inputs("rule", Rule).map((rule) => [
        name(rule.name),
        {
          pattern: data(rule.eventPattern),
          targets: targets.filter((target) => target.rule === rule.name).map((target) => name(target.arn)),
        },
      ]),
    ),
    machines: byName(
      inputs("machine", Machine).map((machine) => [
        name(machine.name),
        { type: machine.type, definition: data(machine.definition) },
      ]),
    ),
    activities: stack
      .all("activity")
      .map((each) => name(Named.parse(each.inputs).name))
      .sort(),
    schedules: byName(
      inputs("schedule", Schedule).map(({ target, scheduleExpression }) => [
        name(target.arn).split(":").at(-1) ?? "",
        Number(scheduleExpression) * 60,
      ]),
    ),
    sources: data(JSON.parse(stack.deployed.environment["SOURCES"] ?? "null")),
    delegates: data(JSON.parse(stack.deployed.environment["DELEGATES"] ?? "null")),
    deadLetters: data(stack.deployed.deadLetters),
  };
}
