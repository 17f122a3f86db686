import type { ConservationView } from "@crossfade/bridge/console";
import { useState } from "react";
import { count, counted } from "../format.ts";
import { type GapState, judgeGap, type Look, lookAt, remember } from "../gap.ts";
import { Chip } from "./chip.tsx";
import { Time } from "./time.tsx";

function gapWord(state: GapState | undefined) {
  if (state === undefined) return <Chip text="too many to compare at once" tone="quiet" />;
  if (state.kind === "adds-up") return <Chip text="adds up" tone="good" />;
  if (state.kind === "settling") return <Chip text="settling" tone="busy" />;
  return <Chip text={`${counted(state.by, "claim")} apart for a minute`} tone="bad" />;
}

/** Judged over the last minute's looks: the index and the counts are seconds behind each other while traffic moves. */
function useGap(routes: readonly ConservationView[], at: number): GapState | undefined {
  const [looks, setLooks] = useState<readonly Look[]>([]);
  const look = lookAt(at, routes);
  const isNew = look !== undefined && looks.at(-1)?.at !== at;
  const seen = isNew ? remember(looks, look) : looks;
  if (isNew) setLooks(seen);
  return look && judgeGap(seen);
}

/** Where every received message is: nothing is lost, nothing counted twice. */
export function Conservation({
  conservation: { received, ended, rejected, inFlight, open, gap },
  routes,
  at,
}: {
  readonly conservation: ConservationView;
  /** Of each route: what one has too many does not make good what another lacks. */
  readonly routes: readonly ConservationView[];
  readonly at: number;
}) {
  const state = useGap(routes, at);
  const term = (name: string, value: number, note?: string) => (
    <div className="term">
      <dt>{name}</dt>
      <dd>
        {count(value)}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
  return (
    <section className="panel conservation" aria-labelledby="conservation">
      <header>
        <h2 id="conservation">Conservation</h2>
        {gapWord(state)}
        <p className="muted">
          since the first message, true at <Time at={at} as="clock" />
        </p>
      </header>
      <dl className="equation">
        {term("received", received)}
        <span aria-hidden="true">=</span>
        {term("ended", ended)}
        <span aria-hidden="true">+</span>
        {term("rejected", rejected)}
        <span aria-hidden="true">+</span>
        {term(
          "in flight",
          inFlight.legacy + inFlight.order,
          `${count(inFlight.legacy)} old · ${count(inFlight.order)} new`,
        )}
      </dl>
      <p className="fine">
        {open === undefined
          ? "So many claims are in flight that their index is not counted at each look."
          : `The ledger's own index holds ${counted(open.legacy + open.order, "claim")} in flight (${count(open.legacy)} old, ${count(open.order)} new): a gap of ${count(gap ?? 0)}.`}
        {gap !== undefined &&
          gap > 0 &&
          " The counts follow some seconds behind; a gap that stays on one side is a lost or doubled count."}
      </p>
    </section>
  );
}
