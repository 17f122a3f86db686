import type { Place } from "./place.ts";

/** One metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: "Sum" | "Maximum";
}

type QueueMetric = "ApproximateNumberOfMessagesVisible" | "ApproximateAgeOfOldestMessage" | "NumberOfMessagesDeleted";

/** @param queueArn of a queue, also of the legacy system: metrics are read, and nothing of it is changed. */
export const queueMetric = (name: QueueMetric, queueArn: string): Metric => ({
  namespace: "AWS/SQS",
  name,
  dimensions: { QueueName: queueArn.slice(queueArn.lastIndexOf(":") + 1) },
  stat: name === "NumberOfMessagesDeleted" ? "Sum" : "Maximum",
});

type FunctionMetric = "Errors" | "Throttles" | "Invocations" | "IteratorAge" | "Duration";

export const functionMetric = ({ name: nameOf }: Place, name: FunctionMetric, fn: string): Metric => ({
  namespace: "AWS/Lambda",
  name,
  dimensions: { FunctionName: nameOf(fn) },
  stat: name === "IteratorAge" || name === "Duration" ? "Maximum" : "Sum",
});

type MachineMetric =
  | "ExecutionsStarted"
  | "ExecutionsSucceeded"
  | "ExecutionsFailed"
  | "ExecutionsTimedOut"
  | "ExecutionsAborted"
  | "ExecutionThrottled";

export const machineMetric = (place: Place, name: MachineMetric, machine: string): Metric => ({
  namespace: "AWS/States",
  name,
  dimensions: { StateMachineArn: place.machineArn(machine) },
  stat: "Sum",
});

/** A metric that a function counts; `service` is what it calls itself. */
export const ownMetric = (place: Place, name: string, service: string, stat: Metric["stat"] = "Sum"): Metric => ({
  namespace: place.metricsNamespace,
  name,
  dimensions: { service },
  stat,
});

/**
 * The expression that adds up m<from> and those after it. Most of what is counted is seldom counted, and some of it never
 * was: SUM passes over a series without a point, where `+` would have none itself.
 */
export const sumOf = (metrics: readonly Metric[], from = 0): string =>
  `SUM([${metrics.map((_, i) => `FILL(m${from + i}, 0)`).join(", ")}])`;
