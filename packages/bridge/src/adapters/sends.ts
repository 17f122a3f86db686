import { createHash } from "node:crypto";
import { BridgeError } from "../errors.ts";
import { type RequestKey, requestKeyText } from "../ids.ts";
import type { ForwardMessage, SendTarget } from "../ports.ts";

/** At most 128 characters of those SQS and SNS allow: the request itself where it fits, else its hash. */
export function deduplicationId(key: RequestKey): string {
  const text = requestKeyText(key);
  return /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(text)
    ? text
    : createHash("sha256").update(text).digest("hex");
}

type Attribute = { DataType: string; StringValue?: string; BinaryValue?: Uint8Array };

/** Message attributes as the SDK's clients of SQS and SNS both take them. */
export const toAwsAttributes = (attributes: ForwardMessage["attributes"]): Record<string, Attribute> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, "base64") }),
      },
    ]),
  );

const sizeOf = ({ body, attributes }: Pick<ForwardMessage, "body" | "attributes">): number =>
  Buffer.byteLength(body) +
  Object.entries(attributes).reduce(
    (sum, [name, { dataType, stringValue = "", binaryValue = "" }]) =>
      sum + Buffer.byteLength(name + dataType + stringValue + binaryValue),
    0,
  );

type Kind = SendTarget["kind"];

interface Waiting<K extends Kind> {
  readonly message: ForwardMessage<K>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The answer to a batch, entry by entry; an entry's id is its place in the batch. */
export interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly { readonly Id?: string | undefined; readonly Code?: string | undefined }[] | undefined;
}

/** SQS and SNS both take ten messages in a call. */
const MOST = 10;

/** Sends of one moment to one address travel together, as many as a call may carry. */
export class Sends<K extends Kind> {
  readonly #waiting = new Map<string, Waiting<K>[]>();
  readonly #mostBytes: number;
  readonly #windowMs: number;
  readonly #call: (address: string, batch: readonly ForwardMessage<K>[]) => Promise<BatchAnswer>;

  /** @param windowMs milliseconds for which a send waits for company. */
  constructor(options: {
    readonly mostBytes: number;
    readonly windowMs: number;
    call(address: string, batch: readonly ForwardMessage<K>[]): Promise<BatchAnswer>;
  }) {
    this.#mostBytes = options.mostBytes;
    this.#windowMs = options.windowMs;
    this.#call = options.call;
  }

  /** Resolves when the service has the message. */
  add(address: string, message: ForwardMessage<K>): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(address) ?? [];
      if (waiting.length === 0) setTimeout(() => void this.#flush(address), this.#windowMs);
      waiting.push({ message, resolve, reject });
      this.#waiting.set(address, waiting);
    });
  }

  async #flush(address: string): Promise<void> {
    const waiting = this.#waiting.get(address) ?? [];
    this.#waiting.delete(address);
    const batches: Waiting<K>[][] = [];
    while (waiting.length > 0) batches.push(this.#take(waiting));
    await Promise.all(batches.map((batch) => this.#send(address, batch)));
  }

  /** The next batch: as many as fit. */
  #take(waiting: Waiting<K>[]): Waiting<K>[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of waiting) {
      bytes += sizeOf(message);
      if (count === MOST || (count > 0 && bytes > this.#mostBytes)) break;
      count++;
    }
    return waiting.splice(0, count);
  }

  async #send(address: string, batch: readonly Waiting<K>[]): Promise<void> {
    const messages = batch.map(({ message }) => message);
    try {
      const { Successful = [], Failed = [] } = await this.#call(address, messages);
      const sent = new Set(Successful.map((entry) => entry.Id));
      for (const [i, waiting] of batch.entries()) {
        if (sent.has(String(i))) waiting.resolve();
        else waiting.reject(refused(Failed.find((entry) => entry.Id === String(i))?.Code));
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

const refused = (code: string | undefined) =>
  new BridgeError("DEPENDENCY_FAILED", "retry", `a message to the legacy consumer was refused: ${code ?? "no answer"}`);
