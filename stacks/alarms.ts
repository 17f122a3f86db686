import { type Alarm, alarmsOf } from "./alarm-list.ts";
import { sumOf } from "./metric.ts";
import type { Plan } from "./plan.ts";

/** One number of all its metrics: their sum, where nobody says otherwise. */
function queriesOf({ metrics, expression, period }: Alarm) {
  return [
    { id: "all", expression: expression ?? sumOf(metrics), label: "all", returnData: true },
    ...metrics.map(({ namespace, name, dimensions, stat }, i) => ({
      id: `m${i}`,
      metric: { namespace, metricName: name, dimensions, stat, period },
    })),
  ];
}

const measureOf = (alarm: Alarm) => {
  const [first, ...rest] = alarm.metrics;
  if (first === undefined || rest.length > 0) return { metricQueries: queriesOf(alarm) };
  const { namespace, name, dimensions, stat } = first;
  return { namespace, metricName: name, dimensions, statistic: stat, period: alarm.period };
};

/**
 * The alarms, and the topic that they ring at. It is not encrypted: CloudWatch may not use the account's own key for SNS,
 * and an alarm tells nothing of a customer.
 */
export function alarms(plan: Plan): aws.sns.Topic {
  const { config, place } = plan;
  const topic = new aws.sns.Topic("alarms", { name: place.name("alarms") });
  if (config.alarmEmail !== undefined) {
    const args = { topic: topic.arn, protocol: "email", endpoint: config.alarmEmail };
    new aws.sns.TopicSubscription("alarms", args);
  }
  for (const alarm of alarmsOf(plan)) {
    new aws.cloudwatch.MetricAlarm(alarm.name, {
      name: place.name(alarm.name),
      alarmDescription: alarm.says,
      ...measureOf(alarm),
      threshold: alarm.threshold,
      comparisonOperator: alarm.below ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold",
      evaluationPeriods: alarm.periods,
      treatMissingData: alarm.silenceRings ? "breaching" : "notBreaching",
      alarmActions: [topic.arn],
      okActions: [topic.arn],
    });
  }
  return topic;
}
