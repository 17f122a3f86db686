import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two looks. */
const EVERY = 20;

/**
 * Looks until there is something to see.
 * @param within milliseconds.
 * @throws Error when nothing was seen in time.
 */
export async function eventually<T>(look: () => Promise<T | undefined>, within = 20_000): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`nothing was seen within ${within} ms`);
    await pause(EVERY);
  }
}
