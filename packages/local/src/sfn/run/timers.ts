import type { Cancellation } from "./cancellation.ts";

// Node fires a longer timer at once.
const LONGEST_MS = 2_147_483_647;

/** Calls `action` after `ms` (any length). Returns how to give up on it. */
export function after(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    const part = Math.min(left, LONGEST_MS);
    timer = setTimeout(() => (left > part ? wait(left - part) : action()), part);
  };
  wait(Math.max(0, ms));
  return () => clearTimeout(timer);
}

export async function pause(ms: number, cancellation: Cancellation): Promise<void> {
  if (ms <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const giveUp = after(ms, resolve);
  try {
    await cancellation.guard(promise);
  } finally {
    giveUp();
  }
}
