import type { DifferenceGroup, RouteDetail } from "@crossfade/bridge/console";
import { Link } from "wouter";
import { between, betweenPoints, count, counted, percent, points } from "../format.ts";
import { Empty } from "../parts/loaded.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Ago } from "../parts/time.tsx";
import { noiseAlone, type RankedDifference, rankDifferences } from "../ranking.ts";
import { pathOf } from "../views.ts";
import { KINDS, VERDICTS } from "../words.ts";

type Parity = RouteDetail["summary"]["parity"];

const linkOf = ({ route, against, id }: DifferenceGroup): string => pathOf("routes", route, "differences", against, id);

function Figures({ route, parity }: { readonly route: string; readonly parity: Parity }) {
  const others = [
    [parity.ignored, "ignored"],
    [parity.oldOnly, "old-only"],
    [parity.newOnly, "new-only"],
    [parity.late, "late"],
  ] as const;
  return (
    <>
      <dl className="figures">
        <div>
          <dt>mismatches of {count(parity.compared)} compared</dt>
          <dd>
            {percent(parity.mismatches.estimate)}
            <small>{between(parity.mismatches.low, parity.mismatches.high)}</small>
          </dd>
        </div>
        <span aria-hidden="true">−</span>
        <div>
          <dt>noise, of {counted(parity.baseline.of, "second order")}</dt>
          <dd>
            {parity.baseline.of === 0 ? "–" : percent(parity.baseline.estimate)}
            <small>
              {parity.baseline.of === 0 ? "not measured" : between(parity.baseline.low, parity.baseline.high)}
            </small>
          </dd>
        </div>
        <span aria-hidden="true">=</span>
        <div>
          <dt>mismatches above noise</dt>
          <dd>
            {points(parity.aboveBaseline.estimate)}
            <small>{betweenPoints(parity.aboveBaseline.low, parity.aboveBaseline.high)}</small>
          </dd>
        </div>
      </dl>
      <p className="fine">
        <Link href={pathOf("routes", route, "verdicts", "mismatch")}>
          {counted(parity.mismatched, "mismatch", "mismatches")}
        </Link>
        {"; not counted: "}
        {others.map(([n, verdict], at) => (
          <span key={verdict}>
            {at > 0 && ", "}
            {n === 0 ? (
              `0 ${VERDICTS[verdict].word.text}`
            ) : (
              <Link
                href={pathOf("routes", route, "verdicts", verdict)}
              >{`${count(n)} ${VERDICTS[verdict].word.text}`}</Link>
            )}
          </span>
        ))}
        {`, ${counted(parity.shadowFailed, "plan")} failed.`}
      </p>
    </>
  );
}

function Ranked({ ranked, most }: { readonly ranked: RankedDifference; readonly most: number }) {
  const { group, noise, above } = ranked;
  const width = (part: number): string => `${most === 0 ? 0 : (100 * part) / most}%`;
  return (
    <tr>
      <th scope="row">
        <Link href={linkOf(group)}>
          <code>{group.path}</code>
        </Link>
        <small className="muted">
          {group.kind}: {KINDS[group.kind]}
        </small>
      </th>
      <td className="bar-cell">
        <span className="bar" aria-hidden="true">
          <span className="above" style={{ width: width(above) }} />
          <span className="noise" style={{ width: width(noise) }} />
        </span>
        <span>
          {noise === 0 ? (
            <strong>{count(above)}</strong>
          ) : (
            <>
              {count(group.count)} − {count(noise)} noise = <strong>{count(above)}</strong>
            </>
          )}
        </span>
      </td>
      <td>
        <Ago at={group.lastAt} />
      </td>
    </tr>
  );
}

/** What differs between the paths, most frequent first, with what noise alone would have given subtracted. */
export function RouteParity({ detail }: { readonly detail: RouteDetail }) {
  const { differences, noise, summary } = detail;
  const { parity, rollout } = summary;
  const ranked = rankDifferences(differences, noise, parity);
  const most = Math.max(0, ...ranked.map(({ group }) => group.count));
  const alone = noiseAlone(differences, noise);
  return (
    <section className="panel" aria-labelledby="differences">
      <header>
        <h2 id="differences">Parity</h2>
        <p className="muted">what the new path would have done otherwise</p>
      </header>
      {parity.compared > 0 && <Figures route={summary.route} parity={parity} />}
      {ranked.length > 0 && (
        <Scroll label="Kinds of difference">
          <table className="differences">
            <caption>Kinds of difference, since the first; noise is scaled to as many comparisons</caption>
            <thead>
              <tr>
                <th scope="col">Where and how</th>
                <th scope="col">Requests</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {ranked.map((one) => (
                <Ranked key={one.group.id} ranked={one} most={most} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {alone.length > 0 && (
        <p className="fine">
          Noise alone, never against the old path:{" "}
          {alone.map((group, n) => (
            <span key={group.id}>
              {n > 0 && ", "}
              <Link href={linkOf(group)}>
                <code>{group.path}</code>
              </Link>{" "}
              ({counted(group.count, "request")})
            </span>
          ))}
          .
        </p>
      )}
      {ranked.length === 0 &&
        (parity.compared > 0 ? (
          <Empty title="No difference was found">Everything that was compared matches.</Empty>
        ) : (
          <Empty title="Nothing is compared">
            {rollout.stage === "shadow"
              ? "The first comparison appears when a request has ended on the old path and its plan is there."
              : "Put the route in shadow: requests stay on the old path, and the new one says what it would have done."}
          </Empty>
        ))}
    </section>
  );
}
