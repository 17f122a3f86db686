import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type Target } from "@aws-sdk/client-eventbridge";
import { startFauxqs } from "fauxqs";
import { clientOptions } from "../clients.ts";
import type { CloudEvent } from "../contract.ts";
import { type EventBridgeOptions, startEventBridge } from "./server.ts";

const REGION = "eu-west-1";

/** An EventBridge server with its own queues, and the real client to it. */
export async function startFixture(options: Partial<EventBridgeOptions> = {}) {
  const fauxqs = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1", defaultRegion: REGION });
  const bridge = await startEventBridge({ sqsEndpoint: `http://127.0.0.1:${fauxqs.port}`, region: REGION, ...options });
  const client = new EventBridgeClient({ ...clientOptions(bridge.endpoint, REGION), maxAttempts: 1 });
  let names = 0;

  return {
    bridge,
    client,
    queue: (attributes: Record<string, string> = {}) => {
      const name = `queue-${names++}${attributes["FifoQueue"] === "true" ? ".fifo" : ""}`;
      fauxqs.createQueue(name, { region: REGION, attributes });
      return { name, arn: queueArn(name) };
    },
    messages: (name: string) => fauxqs.inspectQueue(name)?.messages.ready ?? [],
    /** What a queue holds, parsed. */
    bodies: (name: string): unknown[] =>
      (fauxqs.inspectQueue(name)?.messages.ready ?? []).map(({ body }) => JSON.parse(body)),
    async rule(
      pattern: unknown,
      ...targets: (Omit<Target, "Id" | "Arn"> & { Arn: string })[]
    ): Promise<{ name: string; arn: string | undefined }> {
      const name = `rule-${names++}`;
      const put = new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) });
      const { RuleArn: arn } = await client.send(put);
      const Targets = targets.map((target, index) => ({ ...target, Id: String(index) }));
      await client.send(new PutTargetsCommand({ Rule: name, Targets }));
      return { name, arn };
    },
    async close() {
      client.destroy();
      await bridge.close();
      await fauxqs.stop();
    },
  };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;

export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:000000000000:${name}`;

let events = 0;

/** An event that differs from all others by its id. */
export function cloudEvent(detail: Record<string, unknown> = {}, source = "aws.states"): CloudEvent {
  return {
    version: "0",
    id: `event-${events++}`,
    "detail-type": "Step Functions Execution Status Change",
    source,
    account: "000000000000",
    time: "2026-03-01T12:00:00Z",
    region: REGION,
    resources: [],
    detail,
  };
}
