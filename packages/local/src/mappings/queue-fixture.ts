import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";
import * as z from "zod";
import { DUMMY_CREDENTIALS } from "../clients.ts";
import { DEFAULT_REGION } from "../contract.ts";

export interface TestQueue {
  readonly queueUrl: string;
  readonly queueArn: string;
}

/** What the tests read of an event; the full shape is tested beside record-shapes.ts. */
export const SqsEvent = z.object({
  Records: z.array(
    z.looseObject({ messageId: z.string(), body: z.string(), attributes: z.record(z.string(), z.string()) }),
  ),
});

const QueueAttributes = z.object({
  QueueArn: z.string(),
  ApproximateNumberOfMessages: z.coerce.number(),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
});

export async function startQueues() {
  const server = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1" });
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: DEFAULT_REGION,
    credentials: DUMMY_CREDENTIALS,
    useQueueUrlAsEndpoint: false,
  });

  async function read(queueUrl: string) {
    const AttributeNames: QueueAttributeName[] = [
      "QueueArn",
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
    ];
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames }));
    return QueueAttributes.parse(Attributes);
  }

  return {
    client,
    async create(name: string, attributes: Record<string, string> = {}): Promise<TestQueue> {
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
      const queueUrl = z.string().parse(QueueUrl);
      return { queueUrl, queueArn: (await read(queueUrl)).QueueArn };
    },
    async send(queue: TestQueue, bodies: readonly string[], group?: (body: string) => string): Promise<void> {
      for (let from = 0; from < bodies.length; from += 10) {
        const Entries = bodies.slice(from, from + 10).map((body, index) => ({
          Id: String(index),
          MessageBody: body,
          ...(group && { MessageGroupId: group(body), MessageDeduplicationId: body }),
        }));
        await client.send(new SendMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries }));
      }
    },
    /** Visible and in flight. */
    async left(queue: TestQueue): Promise<number> {
      // Both numbers in one call: a message that turns visible between two calls would be in neither.
      const counts = await read(queue.queueUrl);
      return counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible;
    },
    async bodies(queue: TestQueue): Promise<readonly (string | undefined)[]> {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, MaxNumberOfMessages: 10 }),
      );
      return Messages.map((message) => message.Body);
    },
    async close(): Promise<void> {
      client.destroy();
      await server.stop();
    },
  };
}
