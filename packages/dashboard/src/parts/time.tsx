import { useSyncExternalStore } from "react";
import { ago, clock, dated } from "../format.ts";

const ONE_SECOND = 1000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const listener of listeners) listener();
  }, ONE_SECOND);
  return () => {
    listeners.delete(tell);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, to the second, in epoch milliseconds; one clock for the whole page. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** A moment: the clock alone, or with the day, or how long ago. The other forms stand in its title. */
export function Time({ at, as = "dated" }: { readonly at: number; readonly as?: "clock" | "dated" }) {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {as === "clock" ? clock(at) : dated(at)}
    </time>
  );
}

export function Ago({ at }: { readonly at: number }) {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={`${dated(at)} (${iso})`}>
      {ago(at, Math.max(useNow(), at))}
    </time>
  );
}
