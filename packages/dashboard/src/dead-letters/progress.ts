import type { RedriveProgress } from "@crossfade/bridge/console";

/** How far a move of several messages has come, over all its parts. */
export interface Moved {
  readonly of: number;
  readonly moved: number;
  readonly discarded: number;
  readonly uncertain: readonly string[];
  readonly failed: RedriveProgress["failed"];
  readonly done: boolean;
}

export const nothingMoved = (of: number): Moved => ({
  ...{ of, moved: 0, discarded: 0, uncertain: [], failed: [] },
  done: false,
});

/** One part more. */
export const addPart = (moved: Moved, part: RedriveProgress, isLast: boolean): Moved => ({
  of: moved.of,
  moved: moved.moved + part.moved,
  discarded: moved.discarded + part.discarded,
  uncertain: [...moved.uncertain, ...part.uncertain],
  failed: [...moved.failed, ...part.failed],
  done: isLast,
});

/** So many messages in one call: progress is seen, and no call takes longer than the API waits. */
const PART = 10;

export function partsOf(messageIds: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < messageIds.length; at += PART) parts.push(messageIds.slice(at, at + PART));
  return parts;
}
