import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Quarantine, Refusal } from "../ports.ts";

const text = (value: string): MessageAttributeValue => ({ DataType: "String", StringValue: value || "-" });

/** Characters that SQS refuses in an attribute (XML 1.0's). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const clean = (value: string): string => value.replaceAll(FORBIDDEN, "?").slice(0, 500);

/**
 * The quarantine queue. The body is kept byte for byte, so that it can be redriven; code, field, reason and source
 * stand in attributes. Where SQS would refuse the body (control characters), it is kept as base64.
 */
export class SqsQuarantine implements Quarantine {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async keep(refusal: Refusal): Promise<void> {
    const encode = refusal.body.search(FORBIDDEN) >= 0;
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: encode ? Buffer.from(refusal.body).toString("base64") : refusal.body,
        MessageAttributes: {
          code: text(refusal.code),
          field: text(clean(refusal.field)),
          reason: text(clean(refusal.reason)),
          source: text(refusal.queueArn),
          messageId: text(refusal.messageId),
          bodyEncoding: text(encode ? "base64" : "plain"),
          ...(Object.keys(refusal.attributes).length > 0 && { attributes: text(JSON.stringify(refusal.attributes)) }),
        },
      }),
    );
  }
}
