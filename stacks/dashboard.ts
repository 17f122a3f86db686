import type { IngestOutcome } from "@crossfade/bridge";
import { functionMetric, type Metric, machineMetric, ownMetric, queueMetric } from "./metric.ts";
import { deadLetterQueues, functionNames, type Plan } from "./plan.ts";

interface Panel {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

/** What an operator looks at, in this order: what comes, what it becomes, and what is in the way. */
function panelsOf(plan: Plan): readonly Panel[] {
  const { place, sources } = plan;
  const ingest: IngestOutcome["kind"][] = ["started", "forwarded", "tapped", "duplicate", "quarantined", "failed"];
  const order = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"] as const;
  const queues = ["mirror", "settle", "approvals"].map((name) => place.queue(name).queueArn);
  const intakes = [...sources.values()].map(({ intake }) => intake.queueArn);
  const names = functionNames(plan);
  return [
    { title: "Messages by path", metrics: ingest.map((kind) => ownMetric(place, `Ingest.${kind}`, "ingest")) },
    {
      title: "Oldest message, in seconds",
      metrics: [...intakes, ...queues].map((arn) => queueMetric("ApproximateAgeOfOldestMessage", arn)),
    },
    { title: "Orders", metrics: order.map((name) => machineMetric(place, name, "Order")) },
    {
      title: "Actions started",
      metrics: [...plan.actions.keys()].map((name) => machineMetric(place, "ExecutionsStarted", name)),
    },
    {
      title: "Given up and refused",
      metrics: Object.values(deadLetterQueues(plan)).map((name) =>
        queueMetric("ApproximateNumberOfMessagesVisible", place.queue(name).queueArn),
      ),
    },
    {
      title: "Charges and items for a person",
      metrics: ["Charge.mismatch", "Order.unpaidItems", "Order.partlyDoneItems"].flatMap((name) =>
        ["finish-order", "settle", "reconcile"].map((service) => ownMetric(place, name, service)),
      ),
    },
    {
      title: "Guard",
      metrics: ["looked", "promoted", "rolledBack", "failed"].map((what) => ownMetric(place, `Guard.${what}`, "guard")),
    },
    { title: "Functions: errors", metrics: names.map((name) => functionMetric(place, "Errors", name)) },
    { title: "Functions: duration, in ms", metrics: names.map((name) => functionMetric(place, "Duration", name)) },
  ];
}

const WIDTH = 12;
const HEIGHT = 6;

/** One page in CloudWatch. */
export function dashboard(plan: Plan): void {
  const { place } = plan;
  const widgets = panelsOf(plan).map(({ title, metrics }, i) => ({
    type: "metric",
    ...{ x: (i % 2) * WIDTH, y: Math.floor(i / 2) * HEIGHT, width: WIDTH, height: HEIGHT },
    properties: {
      title,
      region: place.region,
      period: 60,
      metrics: metrics.map(({ namespace, name, dimensions, stat }) => [
        namespace,
        name,
        ...Object.entries(dimensions).flat(),
        { stat },
      ]),
    },
  }));
  new aws.cloudwatch.Dashboard("dashboard", {
    dashboardName: place.prefix,
    dashboardBody: JSON.stringify({ widgets }),
  });
}
