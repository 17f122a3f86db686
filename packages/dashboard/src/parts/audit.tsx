import { type AuditEntry, AuditPage } from "@crossfade/bridge/console";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useAccess } from "../access.tsx";
import { Findings } from "../guard/findings.tsx";
import { rampText } from "../guard/ramp.ts";
import { LIVE, pathOf } from "../views.ts";
import { guardReason, guardWord, target } from "../words.ts";
import { Chip } from "./chip.tsx";
import { Empty, Failure } from "./loaded.tsx";
import { Ago } from "./time.tsx";

const LINES = 10;

/** The guard writes its numbers into its reasons: those are long. */
const LONG = 140;

function Reason({ text }: { readonly text: string }) {
  if (text.length <= LONG) return <p className="fine">“{text}”</p>;
  const [first = ""] = text.split("; ");
  return (
    <details className="fine">
      <summary>{first} …</summary>“{text}”
    </details>
  );
}

function What({ entry }: { readonly entry: AuditEntry }) {
  if (entry.kind === "guard") {
    const { kind, why, from, to, looks, numbers } = entry.entry;
    return (
      <>
        <p>
          <strong>Guard</strong> <Chip {...guardWord(kind)} />
          {kind !== "hold" && ` ${target(from)} → ${target(to)}`}
        </p>
        <p className="fine">
          {guardReason(why)}
          {looks > 1 && `, ${looks} looks`}
        </p>
        <details>
          <summary>What it saw</summary>
          <Findings numbers={numbers} />
        </details>
      </>
    );
  }
  const what =
    entry.kind === "rollout"
      ? `rollout at ${target(entry.rollout)}${entry.rollout.paused ? " (paused)" : ""}, version ${entry.rollout.version}`
      : entry.policy
        ? `guard set: ${rampText(entry.policy.ramp)}`
        : "guard taken off";
  return (
    <>
      <p>
        <strong>{entry.by}</strong>: {what}
      </p>
      <Reason text={entry.reason} />
    </>
  );
}

/** Who changed what, and why; and what the guard decided. Newest first. */
export function Audit({ route }: { readonly route: string }) {
  const { api } = useAccess();
  const path = `${pathOf("routes", route)}/audit`;
  const pages = useInfiniteQuery({
    queryKey: [path],
    queryFn: ({ pageParam, signal }) => {
      const after = pageParam === undefined ? "" : `&after=${encodeURIComponent(pageParam)}`;
      return api.get(`${path}?limit=${LINES}${after}`, AuditPage, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LIVE,
  });
  const entries = pages.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <section className="panel" aria-labelledby="audit">
      <header>
        <h2 id="audit">Audit</h2>
      </header>
      {pages.error && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && entries.length === 0 && (
        <Empty title="Nothing was changed yet">Every change and every decision of the guard is kept here.</Empty>
      )}
      <ol className="audit">
        {entries.map((entry) => (
          <li key={`${entry.kind} ${entry.at} ${entry.kind === "rollout" ? entry.rollout.version : ""}`}>
            <Ago at={entry.at} />
            <div>
              <What entry={entry} />
            </div>
          </li>
        ))}
      </ol>
      {pages.hasNextPage && (
        <button type="button" onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
          Older
        </button>
      )}
    </section>
  );
}
