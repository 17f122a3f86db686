import type { RequestStory } from "@crossfade/bridge/console";
import type { ReactNode } from "react";
import { duration } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Time } from "../parts/time.tsx";

type Fact = readonly [name: string, value: ReactNode];

function Facts({ facts }: { readonly facts: readonly (Fact | false | undefined)[] }) {
  return (
    <dl className="facts">
      {facts
        .filter((fact) => fact !== false && fact !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** What was decided for the request, once and for ever. */
export function Claim({ story: { claim, route } }: { readonly story: RequestStory }) {
  const { path, endedAt, decidedAt } = claim;
  const moment = (name: string, at: number | undefined): Fact | undefined =>
    at === undefined ? undefined : [name, <Time key={name} at={at} />];
  return (
    <section className="panel" aria-labelledby={`claim-${route}`}>
      <header>
        <h2 id={`claim-${route}`}>Claim</h2>
        {endedAt === undefined ? (
          <Chip text="in flight" tone="busy" />
        ) : (
          <Chip text={`ended after ${duration(endedAt - decidedAt)}`} tone="good" />
        )}
      </header>
      <Facts
        facts={[
          [
            "Path",
            <span key="p" className={`path-name ${path === "legacy" ? "old" : "new"}`}>
              {path === "legacy" ? "old (legacy)" : "new (order)"}
            </span>,
          ],
          ["Decided in stage", `${claim.stage}, rollout version ${claim.rolloutVersion}`],
          ["Bucket", `${claim.bucket} of 10,000`],
          ["Came as", claim.origin === "message" ? "a message" : "an order placed directly"],
          claim.integration !== undefined && (["Integration", claim.integration] as const),
          claim.generation > 0 && (["Redriven", `generation ${claim.generation}`] as const),
          moment("Decided", decidedAt),
          moment("Started", claim.startedAt),
          moment("Forwarded", claim.forwardedAt),
          moment("Ended", endedAt),
          claim.orderId !== undefined && (["Order", <code key="o">{claim.orderId}</code>] as const),
          claim.executionName !== undefined && (["Execution", <code key="e">{claim.executionName}</code>] as const),
        ]}
      />
    </section>
  );
}

/** The one decision about money. */
export function Charge({ charge }: { readonly charge: NonNullable<RequestStory["charge"]> }) {
  return (
    <section className="panel" aria-labelledby={`charge-${charge.orderId}`}>
      <header>
        <h2 id={`charge-${charge.orderId}`}>Charge</h2>
        {charge.mismatch ? (
          <Chip text="does not agree" tone="bad" />
        ) : charge.carriedOut ? (
          <Chip text="carried out" tone="good" />
        ) : (
          <Chip text={charge.decision === undefined ? "not decided yet" : "not carried out yet"} tone="busy" />
        )}
      </header>
      <Facts
        facts={[
          ["Decision", charge.decision ?? "none yet"],
          charge.decidedAt !== undefined && (["Decided", <Time key="d" at={charge.decidedAt} />] as const),
          ["Open effects", charge.openEffects.length === 0 ? "none" : charge.openEffects.join(", ")],
          charge.mismatch !== undefined && (["Mismatch", charge.mismatch] as const),
        ]}
      />
    </section>
  );
}

/** Customers' data, for operators alone. */
export function Personal({ story: { personal, route } }: { readonly story: RequestStory }) {
  if (personal === undefined) return null;
  const { cohortKey, pinKey, ...values } = personal;
  const names = {
    row: "Tracking row",
    legacyOutcome: "Outcome, old path",
    orderOutcome: "Outcome, new path",
    shadowOutcome: "Outcome, shadow",
  } as const;
  return (
    <section className="panel" aria-labelledby={`personal-${route}`}>
      <header>
        <h2 id={`personal-${route}`}>Personal data</h2>
        <p className="muted">shown to operators alone</p>
      </header>
      <Facts
        facts={[
          ["Customer", <code key="c">{cohortKey}</code>],
          pinKey !== undefined && (["Pinned on", <code key="p">{pinKey}</code>] as const),
        ]}
      />
      {(Object.keys(names) as (keyof typeof names)[]).map((name) =>
        values[name] === undefined ? null : (
          <details key={name}>
            <summary>{names[name]}</summary>
            <Scroll label={names[name]}>
              <pre className="json">{JSON.stringify(values[name], null, 2)}</pre>
            </Scroll>
          </details>
        ),
      )}
    </section>
  );
}
