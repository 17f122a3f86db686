import { type EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";

const STATUS_CHANGE = { source: ["aws.states"], "detail-type": ["Step Functions Execution Status Change"] };

/** Successful and running orders go to the mirror, unsuccessful endings to settle; Actions are not mirrored. */
export const orderRules = (orderArn: string) => ({
  mirror: { ...STATUS_CHANGE, detail: { stateMachineArn: [orderArn], status: ["RUNNING", "SUCCEEDED"] } },
  settle: { ...STATUS_CHANGE, detail: { stateMachineArn: [orderArn], status: ["FAILED", "TIMED_OUT", "ABORTED"] } },
});

export async function createRule(
  client: EventBridgeClient,
  name: string,
  pattern: unknown,
  queueArn: string,
): Promise<void> {
  await client.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) }));
  await client.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "queue", Arn: queueArn }] }));
}
