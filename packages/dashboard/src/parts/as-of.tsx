import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Tone } from "../words.ts";
import { Shape } from "./chip.tsx";
import { Ago, Time, useNow } from "./time.tsx";

/** Milliseconds after which numbers that should be live are called old. */
const OLD = 20_000;

const watchNetwork = (tell: () => void): (() => void) => {
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  return () => {
    window.removeEventListener("online", tell);
    window.removeEventListener("offline", tell);
  };
};

const useIsOnline = (): boolean => useSyncExternalStore(watchNetwork, () => navigator.onLine);

/** When something was true that is not looked at again by itself. */
export function LookedAt({ at }: { readonly at: number }) {
  return (
    <p className="as-of">
      <span>
        looked at <Time at={at} as="clock" /> (<Ago at={at} />)
      </span>
    </p>
  );
}

/** As much of a view as is needed to say how old it is. */
interface Looked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
}

/** When the numbers of a page were true, and whether they still move. */
export function AsOf({ view }: { readonly view: Looked<{ readonly at: number }> }) {
  const isOnline = useIsOnline();
  const queries = useQueryClient();
  const now = useNow();
  if (view.data === undefined) return null;
  const { at } = view.data;
  const isOld = now - view.dataUpdatedAt > OLD;
  const state: { tone: Tone; text: string } = !isOnline
    ? { tone: "bad", text: "offline" }
    : view.error
      ? { tone: "warn", text: "no newer answer" }
      : isOld
        ? { tone: "warn", text: "not newer" }
        : { tone: "good", text: "live" };
  const isLive = state.tone === "good";
  return (
    <p className={`as-of ${isLive ? "live" : "stale"}`}>
      <span className={`chip ${state.tone}`}>
        {isLive ? <span className="pulse" key={at} /> : <Shape tone={state.tone} />}
        {state.text}
      </span>
      <span>
        as of <Time at={at} as="clock" />
        {!isLive && (
          <>
            {" "}
            (<Ago at={at} />){" "}
            <button type="button" className="link" onClick={() => void queries.refetchQueries({ type: "active" })}>
              Look again
            </button>
          </>
        )}
      </span>
    </p>
  );
}
