import * as z from "zod";
import { MappingSettings } from "./mapping.ts";
import { Direction, StepName } from "./steps.ts";

const time = z.int().nonnegative();

/** The old consumer's subscription at the topic, with all that SNS says of it. */
export const KeptSubscription = z.strictObject({
  protocol: z.string(),
  endpoint: z.string(),
  attributes: z.record(z.string(), z.string()),
});
export type KeptSubscription = z.infer<typeof KeptSubscription>;

/** What the steps found, and what the way back needs. Times are epoch milliseconds, of when something was seen. */
export const Kept = z.strictObject({
  /** The old consumer's mapping on the source queue: switched off, never deleted. */
  oldMapping: z.strictObject({ id: z.string(), settings: MappingSettings }).optional(),
  /** Its mapping on the forward queue, which is the bridge's. */
  forwardMappingId: z.string().optional(),
  oldSubscription: KeptSubscription.optional(),
  /** Since when the old consumer is off the source. */
  oldOffAt: time.optional(),
  /** By Lambda's clock. */
  oldChangedAt: time.optional(),
  /** The bridge may have taken messages since. */
  ingestOnAt: time.optional(),
  ingestOffAt: time.optional(),
  /** Until when a sweep may have hidden messages from the next one. */
  sweptUntil: time.optional(),
  /** Both subscriptions stand since then. */
  overlapAt: time.optional(),
  /** Since when a queue that must be empty was seen so. */
  emptyAt: time.optional(),
});
export type Kept = z.infer<typeof Kept>;

/** How far the attachment of a source has come. One item of the ledger, written only from the version that was read. */
export const Journal = z.strictObject({
  source: z.string().min(1),
  version: z.int().nonnegative(),
  direction: Direction,
  finished: z.boolean(),
  /** The step in whose calls the last operator was, or is. */
  doing: StepName.optional(),
  done: z.partialRecord(StepName, z.strictObject({ at: time, by: z.string() })),
  kept: Kept,
  by: z.string().min(1),
  at: time,
});
export type Journal = z.infer<typeof Journal>;

/** Who writes, and when. */
export interface Entry {
  readonly by: string;
  readonly at: number;
}

/** The journal of a source that goes that way: the one that is there, or a new way with all that is kept. */
export function towards(journal: Journal | undefined, source: string, direction: Direction, entry: Entry): Journal {
  if (journal?.direction === direction) return journal;
  const kept = { ...journal?.kept, emptyAt: undefined, overlapAt: undefined };
  return { source, version: journal?.version ?? 0, direction, finished: false, done: {}, kept, ...entry };
}

const next = (journal: Journal, entry: Entry): Journal => ({ ...journal, ...entry, version: journal.version + 1 });

/** Written before the calls of a step. */
export const intending = (journal: Journal, step: StepName, entry: Entry): Journal => ({
  ...next(journal, entry),
  doing: step,
});

/** Written when a step was found done. */
export function having(journal: Journal, step: StepName, kept: Kept, last: boolean, entry: Entry): Journal {
  const { doing: _, ...rest } = next(journal, entry);
  return { ...rest, kept, done: { ...journal.done, [step]: { at: entry.at, by: entry.by } }, finished: last };
}

/** Written when something is to be remembered in the middle of a step. */
export const keeping = (journal: Journal, kept: Kept, entry: Entry): Journal => ({ ...next(journal, entry), kept });
