import { gzipSync } from "node:zlib";
import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Quarantine, Refusal } from "../ports.ts";

const text = (value: string): MessageAttributeValue => ({ DataType: "String", StringValue: value || "-" });

/** Characters that SQS refuses in an attribute (XML 1.0's). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const clean = (value: string): string => value.replaceAll(FORBIDDEN, "?").slice(0, 500).toWellFormed();

/** SQS takes 1 MiB, attributes included; so much is kept free for those. In bytes. */
const MOST_BYTES = 1_048_576 - 16 * 1024;

/** The body as SQS takes it: as it is; base64 where it holds characters that SQS refuses; compressed where too long. */
function encode(body: string): { readonly text: string; readonly encoding: "plain" | "base64" | "gzip+base64" } {
  const bytes = Buffer.from(body);
  const refused = body.search(FORBIDDEN) >= 0;
  if (!refused && bytes.length <= MOST_BYTES) return { text: body, encoding: "plain" };
  const base64 = bytes.toString("base64");
  if (refused && base64.length <= MOST_BYTES) return { text: base64, encoding: "base64" };
  return { text: gzipSync(bytes).toString("base64"), encoding: "gzip+base64" };
}

/**
 * The quarantine queue. The body is kept so that it can be redriven byte for byte; code, field, reason and source stand
 * in attributes, and `bodyEncoding` says how to read the body.
 */
export class SqsQuarantine implements Quarantine {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async keep(refusal: Refusal): Promise<void> {
    const body = encode(refusal.body);
    const attributes = JSON.stringify(refusal.attributes);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: body.text,
        MessageAttributes: {
          code: text(refusal.code),
          field: text(clean(refusal.field)),
          reason: text(clean(refusal.reason)),
          source: text(refusal.queueArn),
          messageId: text(refusal.messageId),
          bodyEncoding: text(body.encoding),
          ...(attributes !== "{}" && { attributes: text(attributes) }),
        },
      }),
    );
  }
}
