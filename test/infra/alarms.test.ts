import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { countedMetrics } from "./support/counted-metrics.ts";
import { arnOf, json, nameOf, type Resource, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const Dimensions = z.record(z.string(), z.string());
const Metric = z.object({ namespace: z.string(), metricName: z.string(), dimensions: Dimensions });
type Metric = z.infer<typeof Metric>;

const Query = z.object({
  id: z.string(),
  expression: z.string().optional(),
  returnData: z.boolean().optional(),
  metric: Metric.extend({ stat: z.string(), period: z.number() }).optional(),
});

const Queries = z.array(Query).default([]);
const queriesOf = ({ inputs }: Resource) => Queries.parse(inputs["metricQueries"]);
const metricsOf = (alarm: Resource): readonly Metric[] => {
  const own = Metric.safeParse(alarm.inputs);
  return own.success ? [own.data] : queriesOf(alarm).flatMap(({ metric }) => (metric === undefined ? [] : [metric]));
};
const allMetrics = () =>
  stack.all("alarm").flatMap((alarm) => metricsOf(alarm).map((metric) => ({ alarm: alarm.name, metric })));

describe("every alarm", () => {
  test("rings at the deployment's topic, and says which promise is at stake", () => {
    const topic = arnOf(stack.one("topic", "alarms"));
    for (const { name, inputs } of stack.all("alarm")) {
      expect(inputs).toMatchObject({ alarmActions: [topic], okActions: [topic], name: `webcat-production-${name}` });
      expect(inputs["alarmDescription"]).toMatch(/^(P\d+|X10): /);
    }
    expect(stack.synthesis.outputs["alarmTopic"]).toBe(topic);
  });

  /** Threshold, and for how long: seconds of a period, and how many in a row. Each alarm is of one kind. */
  const KINDS: readonly (readonly [RegExp, readonly [threshold: number, period: number, periods: number]])[] = [
    [
      /^(dead-letters|failed|Charge|Order|Delegate|Evidence|Compare)-|^Mirror-withoutRow$|^observe-contradicted$/,
      [1, 300, 1],
    ],
    [/^(errors|throttles|throttled|effects-unknown|ledger)-|^(observe|reconcile|guard)-failed$/, [1, 300, 3]],
    [/^oldest-(registrations|refreshes|dns)$/, [1_800, 60, 5]],
    [/^oldest-(registrations|refreshes|dns)-forward$/, [3_600, 60, 5]],
    [/^oldest-mirror$/, [120, 60, 5]],
    [/^oldest-(settle|approvals)$/, [300, 60, 5]],
    [/^mirror-lag$/, [120_000, 60, 5]],
    [/^(stream|counts)-lag$/, [300_000, 60, 5]],
    [/^rollout-age$/, [60_000, 60, 5]],
    [/^oldest-open$/, [4 * 86_400_000, 3_600, 1]],
    [/^(reconcile|guard|overdue)-silent$/, [1, 300, 2]],
    [/^guard-rolled-back$/, [1, 60, 1]],
    [/^conservation-gap$/, [5, 3_600, 2]],
  ];

  test("rings at the threshold of its kind, for as long as that kind lasts; a silence below it", () => {
    for (const alarm of stack.all("alarm")) {
      const [kind, ...more] = KINDS.filter(([names]) => names.test(alarm.name));
      expect(more, alarm.name).toEqual([]);
      const { threshold, evaluationPeriods, period, comparisonOperator, treatMissingData } = alarm.inputs;
      const periods = new Set([period, ...queriesOf(alarm).map(({ metric }) => metric?.period)]);
      periods.delete(undefined);
      expect([threshold, ...periods, evaluationPeriods], alarm.name).toEqual(kind?.[1]);
      const silence = alarm.name.endsWith("-silent");
      expect(comparisonOperator, alarm.name).toBe(silence ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold");
      expect(treatMissingData, alarm.name).toBe(silence ? "breaching" : "notBreaching");
    }
  });

  test("watches at least one metric, and within what CloudWatch takes", () => {
    for (const alarm of stack.all("alarm")) {
      const metrics = metricsOf(alarm);
      expect(metrics.length, alarm.name).toBeGreaterThan(0);
      expect(metrics.length, alarm.name).toBeLessThanOrEqual(10);
      const returned = queriesOf(alarm).filter(({ returnData }) => returnData);
      expect(returned.length, alarm.name).toBe(metrics.length > 1 ? 1 : 0);
    }
  });

  test("with an expression: it uses each of its metrics, and no other", () => {
    for (const alarm of stack.all("alarm")) {
      const [expression, ...metrics] = queriesOf(alarm);
      if (expression === undefined) continue;
      const used = new Set(expression.expression?.match(/\bm\d+\b/g));
      expect([...used].sort(), alarm.name).toEqual(metrics.map(({ id }) => id).sort());
    }
  });
});

describe("every metric that is watched", () => {
  test("of our own is counted by the functions, under that service's name", async () => {
    const counted = await countedMetrics();
    const own = allMetrics().filter(({ metric }) => !metric.namespace.startsWith("AWS/"));
    expect(own.length).toBeGreaterThan(10);
    for (const { alarm, metric } of own) {
      expect(metric.namespace, alarm).toBe("Crossfade/webcat-production");
      expect(Object.keys(metric.dimensions), alarm).toEqual(["service"]);
      const service = metric.dimensions["service"] ?? "";
      expect(counted(service, metric.metricName), `${alarm}: ${service} does not count ${metric.metricName}`).toBe(
        true,
      );
    }
  });

  test("of AWS is of something that is deployed, or of a legacy queue", () => {
    const names = new Set([
      ...(["function", "queue", "table"] as const).flatMap((kind) => stack.all(kind).map(nameOf)),
      ...stack.all("machine").map(arnOf),
      ...Object.values(stack.deployed.sources).map(({ intake }) => intake.queueArn.split(":").at(-1)),
    ]);
    for (const { alarm, metric } of allMetrics().filter(({ metric }) => metric.namespace.startsWith("AWS/"))) {
      for (const of of Object.values(metric.dimensions)) expect(names, alarm).toContain(of);
    }
  });
});

describe("what is watched", () => {
  const watched = (namespace: string, metricName: string, dimension: string) =>
    allMetrics()
      .filter(({ metric }) => metric.namespace === namespace && metric.metricName === metricName)
      .map(({ metric }) => metric.dimensions[dimension]);

  test("the depth of every dead-letter queue, and of the quarantine (P1, P10)", () => {
    const dead = stack.all("queue").filter(({ name }) => /dlq|quarantine/.test(name));
    expect(watched("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName").sort()).toEqual(
      dead.map(nameOf).sort(),
    );
  });

  test("the oldest message of every queue that somebody reads, also of the legacy ones (P1, P6)", () => {
    const own = stack
      .all("queue")
      .filter(({ name }) => /^(mirror|settle|approvals)$|-forward/.test(name) && !name.includes("dlq"));
    const legacy = ["webcat-registrations", "webcat-refreshes", "webcat-dns"];
    expect(watched("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName").sort()).toEqual(
      [...own.map(nameOf), ...legacy].sort(),
    );
  });

  test("errors and throttles of every function", () => {
    for (const metric of ["Errors", "Throttles"]) {
      expect(watched("AWS/Lambda", metric, "FunctionName").sort()).toEqual(stack.all("function").map(nameOf).sort());
    }
  });

  test("failures and throttles of every machine; of Order also the other unsuccessful ends (P6, P7)", () => {
    const machines = stack.all("machine").map(arnOf).sort();
    for (const metric of ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled"]) {
      expect(watched("AWS/States", metric, "StateMachineArn").sort()).toEqual(machines);
    }
    expect(watched("AWS/States", "ExecutionsAborted", "StateMachineArn")).toEqual([
      arnOf(stack.one("machine", "Order")),
    ]);
  });

  test.each([
    ["mirror-lag", { metricName: "Mirror.lagMs", statistic: "Maximum" }],
    ["oldest-mirror", { metricName: "ApproximateAgeOfOldestMessage", statistic: "Maximum" }],
    ["oldest-open", { metricName: "Reconcile.oldestOpenMs", statistic: "Maximum" }],
    ["stream-lag", { metricName: "IteratorAge", statistic: "Maximum" }],
    ["rollout-age", { metricName: "RolloutAgeMs", statistic: "Maximum" }],
    ["reconcile-silent", { metricName: "Invocations", statistic: "Sum" }],
    ["guard-silent", { metricName: "Invocations", statistic: "Sum" }],
    ["reconcile-failed", { metricName: "Reconcile.failed", statistic: "Sum" }],
    ["observe-contradicted", { metricName: "Observe.contradicted", statistic: "Sum" }],
    ["observe-failed", { metricName: "Observe.failed", statistic: "Sum" }],
  ])("%s", (name, expected) => {
    expect(stack.one("alarm", name).inputs).toMatchObject(expected);
  });

  test("every roll-back, whoever did it: also one that the guard's function finds done (X10)", () => {
    const [sum, ...metrics] = queriesOf(stack.one("alarm", "guard-rolled-back"));
    expect(metrics.map(({ metric }) => metric?.metricName)).toEqual(["Guard.rolledBack", "Guard.foundRolledBack"]);
    expect(sum?.expression).toBe("SUM([FILL(m0, 0), FILL(m1, 0)])");
  });

  test("throttles of the ledger, at reads and at writes (P1)", () => {
    for (const metric of ["ReadThrottleEvents", "WriteThrottleEvents"])
      expect(watched("AWS/DynamoDB", metric, "TableName")).toEqual(["webcat-production-ledger"]);
  });

  test("every promise but P4, which no number shows, and P8, which is not built; and the guard (X10)", () => {
    const promises = stack.all("alarm").map(({ inputs }) => /^[PX]\d+/.exec(String(inputs["alarmDescription"]))?.[0]);
    expect([...new Set(promises)].sort()).toEqual(["P1", "P10", "P2", "P3", "P5", "P6", "P7", "P9", "X10"]);
  });

  test("conservation: what was acknowledged at the intakes, against what ingest says of it (P9)", () => {
    const [gap, ...metrics] = queriesOf(stack.one("alarm", "conservation-gap"));
    expect(metrics.map(({ metric }) => metric?.metricName)).toEqual([
      ...Array(3).fill("NumberOfMessagesDeleted"),
      "Ingest.accounted",
    ]);
    const acknowledged = "SUM([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])";
    expect(gap?.expression).toBe(
      `IF(${acknowledged} > 0, 100 * (${acknowledged} - SUM([FILL(m3, 0)])) / ${acknowledged}, 0)`,
    );
  });
});

describe("the dashboard", () => {
  const Body = json(
    z.object({
      widgets: z.array(
        z.object({
          type: z.literal("metric"),
          properties: z.object({
            title: z.string(),
            region: z.literal("eu-west-1"),
            metrics: z.array(z.array(z.unknown())),
          }),
        }),
      ),
    }),
  );

  test("shows our own metrics by names that are counted", async () => {
    const counted = await countedMetrics();
    const found = stack.synthesis.resources.find(({ type }) => type.endsWith(":Dashboard"));
    const { widgets } = Body.parse(found?.inputs["dashboardBody"]);
    expect(widgets.length).toBeGreaterThan(5);
    const own = widgets
      .flatMap(({ properties }) => properties.metrics)
      .filter(([namespace]) => namespace === "Crossfade/webcat-production");
    expect(own.length).toBeGreaterThan(5);
    for (const [, metric, , service] of own)
      expect(counted(String(service), String(metric)), String(metric)).toBe(true);
  });
});
