import { setTimeout as pause } from "node:timers/promises";
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "@crossfade/bridge";
import type { LegacyMessage } from "../messages/index.ts";
import { rowTime } from "../tracking.ts";
import { draw } from "./draw.ts";
import { parseMessage } from "./message-body.ts";
import type { LegacyResources } from "./resources.ts";
import { type SampleLine, sampleText } from "./sample-line.ts";

/** The card provider, as far as the shop needs it. Amounts in minor units; idempotent by the authorisation's id. */
export interface CardAuthoriser {
  authorise(authorisationId: string, amount: number, key: string): Promise<unknown>;
}

export interface PublisherDeps {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly documents: DynamoDBDocumentClient;
  readonly payments: CardAuthoriser;
  readonly clock: Clock;
  readonly resources: LegacyResources;
}

export interface PublisherOptions {
  /** Decides which rows are late. */
  readonly seed?: number;
  /** Share of the requests whose row is written 0.2 to 2 s after the message; 0 to 1, 0.03 unless given. */
  readonly lateRate?: number;
}

export interface Published {
  /** Undefined for a text that is no message: it gets no row and no charge. */
  readonly message: LegacyMessage | undefined;
  readonly late: boolean;
}

/** The old web shop, as far as its messages go. */
export interface Publisher {
  /** Authorises the charge, writes the row and publishes; a late row is written later. */
  publish(line: SampleLine, correlationId: string): Promise<Published>;
  /** Publishes the message once more, and nothing else: what at-least-once delivery does. */
  repeat(line: SampleLine, correlationId: string): Promise<void>;
  /** Resolves when every late row so far is written. */
  lateRows(): Promise<void>;
}

function messageOf(text: string): LegacyMessage | undefined {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}

/** A blind write of the whole row, as the old code does it. */
async function writeRow({ documents, clock, resources }: PublisherDeps, message: LegacyMessage): Promise<void> {
  const { requestId, type, customerId, domain, requestedAt } = message;
  const updatedAt = rowTime(clock.now());
  await documents.send(
    new PutCommand({
      TableName: resources.trackingTable,
      Item: { requestId, type, customerId, domain, status: "RECEIVED", createdAt: requestedAt, updatedAt },
    }),
  );
}

async function send(deps: PublisherDeps, line: SampleLine, correlationId: string): Promise<void> {
  const { sns, sqs, resources } = deps;
  const text = sampleText(line);
  const MessageAttributes = { correlationId: { DataType: "String", StringValue: correlationId } };
  if (line.source === "refreshes") {
    const QueueUrl = resources.refreshes.queueUrl;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: text, MessageAttributes }));
  } else {
    const TopicArn = resources[line.source].topicArn;
    await sns.send(new PublishCommand({ TopicArn, Message: text, MessageAttributes }));
  }
}

/** Milliseconds by which a late row is late. */
const lateness = (seed: number, requestId: string): number => 200 + draw(seed, "lateness", requestId) * 1800;

export function createPublisher(deps: PublisherDeps, options: PublisherOptions = {}): Publisher {
  const { seed = 1, lateRate = 0.03 } = options;
  const pending: Promise<void>[] = [];
  return {
    async publish(line, correlationId) {
      const message = messageOf(sampleText(line));
      if (message !== undefined && "payment" in message) {
        const { authorisationId, amount } = message.payment;
        await deps.payments.authorise(authorisationId, amount, message.requestId);
      }
      const late = message !== undefined && draw(seed, "late", message.requestId) < lateRate;
      if (message !== undefined && !late) await writeRow(deps, message);
      await send(deps, line, correlationId);
      if (message !== undefined && late) {
        const written = pause(lateness(seed, message.requestId)).then(() => writeRow(deps, message));
        written.catch(() => undefined); // lateRows() tells of a failure, which may come before anybody asks
        pending.push(written);
      }
      return { message, late };
    },
    repeat: (line, correlationId) => send(deps, line, correlationId),
    async lateRows() {
      await Promise.all(pending.splice(0));
    },
  };
}
