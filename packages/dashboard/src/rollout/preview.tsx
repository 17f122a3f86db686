import { type RolloutChange, RolloutPreview } from "@crossfade/bridge/console";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useAccess } from "../access.tsx";
import { count, counted, percent } from "../format.ts";
import { Failure } from "../parts/loaded.tsx";
import { pathOf } from "../views.ts";

/** Milliseconds without another change before the API is asked. */
const SETTLED = 250;
const BUCKETS = 10_000;

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Moves({ preview: { buckets, cohorts } }: { readonly preview: RolloutPreview }) {
  const isForward = buckets.toOrder >= buckets.toLegacy;
  const moved = isForward ? buckets.toOrder : buckets.toLegacy;
  const where = isForward ? "new" : "old";
  return (
    <>
      <p>
        {moved === 0 ? (
          "No customer changes path by the percentage."
        ) : (
          <>
            <strong>{percent(moved / BUCKETS)} of all customers</strong> move to the <strong>{where} path</strong> (
            {count(moved)} of {count(BUCKETS)} buckets).
          </>
        )}{" "}
        Requests in flight stay where they are.
      </p>
      <p className="fine">
        {cohorts.seen === 0
          ? "Nobody has a request in flight now."
          : `Of ${counted(cohorts.seen, "customer")} with requests in flight, ${count(cohorts.toOrder)} go to the new path and ${count(cohorts.toLegacy)} to the old one with their next request.`}
      </p>
      {cohorts.examples !== undefined && cohorts.examples.length > 0 && (
        <details>
          <summary>Some of them</summary>
          <ul className="examples">
            {cohorts.examples.map(({ cohortKey, to }) => (
              <li key={cohortKey}>
                <code>{cohortKey}</code> → {to === "order" ? "new" : "old"} path
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What the change would do, as the API reckons it. */
export function Preview({ route, change }: { readonly route: string; readonly change: RolloutChange }) {
  const { api } = useAccess();
  const text = useSettled(JSON.stringify(change));
  const path = `${pathOf("routes", route)}/rollout/preview`;
  const view = useQuery({
    queryKey: [path, text],
    queryFn: () => api.send("POST", path, JSON.parse(text), RolloutPreview),
    placeholderData: (previous) => previous,
  });
  return (
    <section className="preview" aria-label="Preview" aria-live="polite" aria-busy={view.isFetching}>
      <h3>What would move</h3>
      {view.error ? (
        <Failure error={view.error} retry={() => void view.refetch()} />
      ) : view.data ? (
        <Moves preview={view.data} />
      ) : (
        <p className="muted">One moment …</p>
      )}
    </section>
  );
}
