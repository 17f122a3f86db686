import * as z from "zod";
import type { SourceConfig } from "../deployment/config.ts";

export const Direction = z.enum(["attach", "detach"]);
export type Direction = z.infer<typeof Direction>;

export const StepName = z.enum([
  "hold",
  "forward-mapping",
  "old-off",
  "move-consumer",
  "ingest-on",
  "subscribe-intake",
  "overlap",
  "unsubscribe-old",
  "old-drained",
  "release",
  "orders-ended",
  "ingest-off",
  "ingest-drained",
  "sweep",
  "orders-ended-again",
  "old-on",
  "subscribe-old",
  "unsubscribe-intake",
  "intake-empty",
  "forward-empty",
  "forward-off",
  "forward-gone",
  "move-back",
]);
export type StepName = z.infer<typeof StepName>;

/** How a source hangs on the legacy system. */
export type Attachment = "queue-lambda" | "queue-process" | "topic" | "tap";

export function attachmentOf(config: SourceConfig): Attachment {
  if (config.attach === "tap") return "tap";
  if (config.at === "topic") return "topic";
  return config.consumer.kind === "lambda" ? "queue-lambda" : "queue-process";
}

/**
 * The steps of each way, in their order. On a queue the old mapping is off before ingest's is on, and the other way
 * round: what ingest sent and did not acknowledge must not come to the old consumer a second time (D8o). A topic has no
 * such turns: without an overlap of its subscriptions a message could reach neither (D1).
 */
export const STEPS: Readonly<Record<Attachment, Readonly<Record<Direction, readonly StepName[]>>>> = {
  "queue-lambda": {
    attach: ["hold", "forward-mapping", "old-off", "ingest-on", "old-drained", "release"],
    detach: [
      ...(["hold", "orders-ended", "ingest-off", "ingest-drained", "sweep", "orders-ended-again"] as const),
      ...(["old-on", "forward-empty", "forward-off", "forward-gone"] as const),
    ],
  },
  "queue-process": {
    attach: ["hold", "move-consumer", "ingest-on", "old-drained", "release"],
    detach: [
      ...(["hold", "orders-ended", "ingest-off", "ingest-drained", "sweep", "orders-ended-again"] as const),
      ...(["forward-empty", "move-back"] as const),
    ],
  },
  topic: {
    attach: ["hold", "ingest-on", "subscribe-intake", "overlap", "unsubscribe-old", "old-drained", "release"],
    detach: ["hold", "orders-ended", "subscribe-old", "overlap", "unsubscribe-intake", "intake-empty", "ingest-off"],
  },
  // A tap changes nothing for the old consumer, and its routes stay held.
  tap: {
    attach: ["hold", "ingest-on", "subscribe-intake"],
    detach: ["unsubscribe-intake", "intake-empty", "ingest-off"],
  },
};

/** Steps that a person takes, and confirms by `--done`. */
export const PERSONS: ReadonlySet<StepName> = new Set<StepName>(["move-consumer", "move-back"]);
