import { randomUUID } from "node:crypto";
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BookShipment, CancelPickup } from "../contract/messages.ts";
import type { CarrierClient, End, Job } from "../worker/carrier-client.ts";
import type { Resources } from "./resources.ts";

// The old consumer, in its own words: nothing of the contract but the messages is shared with it.

const Notification = z.object({ Message: z.string() });
const Message = z.discriminatedUnion("event", [BookShipment, CancelPickup]);
type Message = z.infer<typeof Message>;

const REASONS = { TOO_HEAVY: 11, ADDRESS_UNKNOWN: 12, PICKUP_NOT_FOUND: 21, ALREADY_PICKED_UP: 22 } as const;

function jobOf(message: Message): Job {
  const { ref } = message;
  if (message.event === "CANCEL_PICKUP") return { kind: "cancel-pickup", ref, ...message.body };
  const { charge: _, ...shipment } = message.body;
  return { kind: "book", ref, ...shipment };
}

/** SET of each name, whatever words DynamoDB keeps for itself. */
const assign = (values: Readonly<Record<string, unknown>>) => ({
  UpdateExpression: `SET ${Object.keys(values)
    .map((_, i) => `#${i} = :${i}`)
    .join(", ")}`,
  ExpressionAttributeNames: Object.fromEntries(Object.keys(values).map((name, i) => [`#${i}`, name])),
  ExpressionAttributeValues: Object.fromEntries(Object.values(values).map((value, i) => [`:${i}`, value])),
});

export interface Dispatcher {
  /** Resolves when the last poll and its work are over. */
  stop(): Promise<void>;
}

/** The old service: a program that reads a queue, does one job after the other, and takes the money for it. */
export function startDispatcher(
  { documents, sqs }: { readonly documents: DynamoDBDocumentClient; readonly sqs: SQSClient },
  { jobsTable, chargesTable }: Resources,
  carrier: CarrierClient,
  QueueUrl: string,
): Dispatcher {
  const stopping = new AbortController();

  const tell = (ref: string, words: Readonly<Record<string, unknown>>) =>
    documents.send(
      new UpdateCommand({
        TableName: jobsTable,
        Key: { ref },
        ...assign({ ...words, changed: Math.floor(Date.now() / 1000) }),
      }),
    );

  /** What was taken, if anything was. */
  async function charge(message: Message, end: End): Promise<Readonly<Record<string, unknown>>> {
    if (message.event === "CANCEL_PICKUP") return {};
    const { authorisation: authorisationId, cents } = message.body.charge;
    const done = end.status === "done";
    const words = { state: done ? "captured" : "cancelled", captured: done ? cents : 0, endedBy: message.ref };
    await documents.send(new UpdateCommand({ TableName: chargesTable, Key: { authorisationId }, ...assign(words) }));
    return done ? { paid: { authorisation: authorisationId, cents } } : {};
  }

  async function work(message: Message): Promise<void> {
    const { ref, event } = message;
    await tell(ref, { event, state: "BUSY" });
    const end = await carrier.put(`dispatcher:${randomUUID()}`, jobOf(message));
    if (end.status === "busy") throw new Error("the carrier is busy: the message comes again");
    const paid = await charge(message, end);
    if (end.status === "done") await tell(ref, { state: "OK", answer: end.answer, ...paid });
    else await tell(ref, { state: "KO", reason: REASONS[end.code], note: end.text });
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 });
      const { Messages = [] } = await sqs.send(receive);
      for (const { Body = "", ReceiptHandle } of Messages) {
        await work(Message.parse(JSON.parse(Notification.parse(JSON.parse(Body)).Message)));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  const polling = poll();
  return {
    async stop() {
      stopping.abort();
      await polling;
    },
  };
}
