import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two looks, unless told otherwise. */
const INTERVAL = 25;

/**
 * Looks until `look` gives a value that is not undefined, and returns it.
 * @param withinMs milliseconds after which it gives up; 10,000 unless given.
 * @param everyMs milliseconds between two looks: more of them where many wait at once.
 * @throws Error that says what was waited for.
 */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined>,
  withinMs = 10_000,
  everyMs = INTERVAL,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}
