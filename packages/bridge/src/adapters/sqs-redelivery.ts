import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Redelivery } from "../ports.ts";

/** Shortens the visibility of a message that waits. `urlOf` knows the URL of each source queue. */
export class SqsRedelivery implements Redelivery {
  readonly #client: SQSClient;
  readonly #urlOf: (queueArn: string) => string | undefined;

  constructor(client: SQSClient, urlOf: (queueArn: string) => string | undefined) {
    this.#client = client;
    this.#urlOf = urlOf;
  }

  async comeBackIn(seconds: number, queueArn: string, ReceiptHandle: string): Promise<void> {
    const QueueUrl = this.#urlOf(queueArn);
    if (QueueUrl === undefined) return;
    const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds });
    // Best effort: where it fails, the message comes back after the queue's own visibility timeout.
    await this.#client.send(change).catch(() => undefined);
  }
}
