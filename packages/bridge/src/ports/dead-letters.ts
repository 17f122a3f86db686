import * as z from "zod";
import type { QueueNames } from "../deployment/sources.ts";
import type { ForwardMessage } from "./legacy.ts";

/**
 * How a queue's messages tell what they were. `as-it-lay`: SQS moved them, unchanged. `quarantined`: ingest refused them,
 * and says so in attributes. `undelivered-event`: EventBridge could not deliver them, and says so in attributes.
 */
export type DeadLetterForm = "as-it-lay" | "quarantined" | "undelivered-event";

/** A queue of messages that nobody could handle. */
export interface DeadLetterPlace extends QueueNames {
  /** What it holds. */
  readonly name: string;
  readonly form: DeadLetterForm;
  /** Where its messages came from; undefined where each of them says so itself. */
  readonly returnsTo: QueueNames | undefined;
}

/** A message as its consumer would have got it, byte for byte; binary values in base64. */
export interface OriginalMessage {
  readonly body: string;
  readonly attributes: ForwardMessage["attributes"];
  /** Of a FIFO queue. */
  readonly groupId?: string | undefined;
  /** SQS's system attribute AWSTraceHeader. */
  readonly traceHeader?: string | undefined;
}

export interface DeadMessage {
  readonly messageId: string;
  readonly receipt: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly receives: number;
  readonly original: OriginalMessage;
  /** ARN of the queue that it says it belongs to. */
  readonly source?: string | undefined;
  readonly refusal?: { readonly code: string; readonly field: string; readonly reason: string } | undefined;
  /** Why its original form cannot be told; `original` is then what lies there. */
  readonly unreadable?: string | undefined;
}

export type SendResult =
  | { readonly kind: "sent" }
  /** The queue certainly has not got it. */
  | { readonly kind: "refused"; readonly reason: string };

/** Queues of dead letters, looked at and emptied by hand. */
export interface DeadLetterStore {
  count(place: DeadLetterPlace): Promise<{ readonly visible: number; readonly inFlight: number }>;
  /** At most ten, hidden from everybody else for so many seconds; none only when the queue has none to give. */
  receive(place: DeadLetterPlace, hiddenSeconds: number): Promise<readonly DeadMessage[]>;
  /** Makes messages visible again at once; what is refused is visible already, or gone. */
  release(place: DeadLetterPlace, receipts: readonly string[]): Promise<void>;
  /**
   * Sends once, and never by itself again. `id`: drops a repeated send of the same dead letter, where the queue is FIFO.
   * @throws whatever leaves open whether the queue has it.
   */
  send(to: QueueNames, message: OriginalMessage, id: string): Promise<SendResult>;
  remove(place: DeadLetterPlace, receipt: string): Promise<void>;
}

/**
 * What a person had done with one dead letter. It is kept for ever, and the message's body is not: its hash tells it
 * from another. `intended`: it may have been sent. `refused`: it certainly was not.
 */
export const MoveRecord = z.strictObject({
  queue: z.string().min(1),
  messageId: z.string().min(1),
  state: z.enum(["intended", "refused", "sent", "discarded"]),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
  /** Epoch milliseconds of the decision, and of its end. */
  at: z.int().nonnegative(),
  endedAt: z.int().nonnegative().optional(),
  /** 2 and more: a person had it sent again, not knowing whether it had been. */
  attempt: z.int().positive(),
  /** ARN of the queue to which it was sent. */
  to: z.string().optional(),
  /** SHA-256 of the original body, in hexadecimal. */
  bodyHash: z.string(),
  bytes: z.int().nonnegative(),
  code: z.string().optional(),
  source: z.string().optional(),
});
export type MoveRecord = z.infer<typeof MoveRecord>;

export interface MoveLedger {
  read(queue: string, messageId: string): Promise<MoveRecord | undefined>;
  /** False when the record there is not the one that was seen; undefined: none was. */
  write(next: MoveRecord, seen: MoveRecord | undefined): Promise<boolean>;
}
