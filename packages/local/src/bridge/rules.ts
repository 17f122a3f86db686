import { type EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";

export async function createRule(
  client: EventBridgeClient,
  name: string,
  pattern: unknown,
  queueArn: string,
): Promise<void> {
  await client.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) }));
  await client.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "queue", Arn: queueArn }] }));
}
