import * as z from "zod";
import { Count, Milliseconds } from "./common.ts";

/** A queue of messages that nobody could handle. */
export const DeadLetterQueue = z.strictObject({
  /** What it holds: the name by which a person asks for it. */
  name: z.string(),
  queueArn: z.string(),
  visible: Count,
  inFlight: Count,
  /** ARN of the queue to which a message goes when it is redriven; undefined where there is no single one. */
  returnsTo: z.string().optional(),
});
export type DeadLetterQueue = z.infer<typeof DeadLetterQueue>;

export const DeadLetterQueues = z.strictObject({ at: Milliseconds, queues: z.array(DeadLetterQueue) });
export type DeadLetterQueues = z.infer<typeof DeadLetterQueues>;

export const DeadLetter = z.strictObject({
  messageId: z.string(),
  sentAt: Milliseconds,
  receives: Count,
  bytes: Count,
  /** Why it was refused, where the bridge refused it. */
  code: z.string().optional(),
  field: z.string().optional(),
  reason: z.string().optional(),
  source: z.string().optional(),
  /** For operators alone. */
  body: z.string().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** The first of them that the queue gives out; SQS has no order of its own. */
export const DeadLetterPage = z.strictObject({
  at: Milliseconds,
  queue: DeadLetterQueue,
  messages: z.array(DeadLetter),
});
export type DeadLetterPage = z.infer<typeof DeadLetterPage>;

/** How far a redrive has come. */
export const RedriveProgress = z.strictObject({
  queue: z.string(),
  moved: Count,
  discarded: Count,
  /** Sent once before, and perhaps for nothing: a person decides. */
  uncertain: z.array(z.string()),
  failed: z.array(z.strictObject({ messageId: z.string(), reason: z.string() })),
  left: Count,
  done: z.boolean(),
});
export type RedriveProgress = z.infer<typeof RedriveProgress>;
