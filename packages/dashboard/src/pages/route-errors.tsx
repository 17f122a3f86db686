import type { RouteDetail } from "@crossfade/bridge/console";
import { between, betweenPoints, count, duration, percent, points } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { IntervalBar } from "../parts/interval.tsx";
import { Empty } from "../parts/loaded.tsx";
import { standingWord } from "../words.ts";

type Detail = Pick<RouteDetail, "summary" | "standing">;
type PathView = RouteDetail["summary"]["paths"]["legacy"];

const ROOM = 1.15;

function PathErrors({
  path,
  of,
  most,
}: {
  readonly path: PathView;
  readonly of: "old" | "new";
  readonly most: number;
}) {
  const name = <span className={`path-name ${of}`}>{of === "old" ? "Old path" : "New path"}</span>;
  if (path.errors.of === 0)
    return (
      <div className="path-errors">
        {name}
        <span className="muted">nothing ended</span>
      </div>
    );
  const { errors } = path;
  return (
    <div className="path-errors">
      {name}
      <span className="number">
        {percent(errors.estimate)}
        <small>
          {" "}
          errors: {count(errors.count)} of {count(errors.of)}
          {path.refused > 0 && `, ${count(path.refused)} of them refused before they began`}
        </small>
      </span>
      <IntervalBar interval={errors} most={most} of={of} />
      <small className="muted">
        95 % interval {between(errors.low, errors.high)}
        {path.p50Ms !== undefined && path.p95Ms !== undefined && (
          <>
            {" "}
            · latency p50 {duration(path.p50Ms)}, p95 {duration(path.p95Ms)}
          </>
        )}
      </small>
    </div>
  );
}

function Codes({ legacy, order }: { readonly legacy: PathView; readonly order: PathView }) {
  const codes = [...new Set([...Object.keys(legacy.codes), ...Object.keys(order.codes)])];
  const sum = (code: string) => (legacy.codes[code] ?? 0) + (order.codes[code] ?? 0);
  if (codes.length === 0) return null;
  const cell = (path: PathView, code: string) => {
    const failures = path.codes[code] ?? 0;
    return (
      <td>
        {count(failures)}
        {path.ended > 0 && <small className="muted"> {percent(failures / path.ended)}</small>}
      </td>
    );
  };
  return (
    <table>
      <caption>Error codes, of what ended on the path</caption>
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Old path</th>
          <th scope="col">New path</th>
        </tr>
      </thead>
      <tbody>
        {codes
          .sort((a, b) => sum(b) - sum(a) || a.localeCompare(b))
          .map((code) => (
            <tr key={code}>
              <th scope="row">
                <code>{code}</code>
              </th>
              {cell(legacy, code)}
              {cell(order, code)}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

/** How both paths do against each other, with intervals, and what a sequential test makes of it. */
export function RouteErrors({ detail: { summary, standing } }: { readonly detail: Detail }) {
  const { legacy, order } = summary.paths;
  const highs = [legacy, order].map(({ ended, errors }) => (ended === 0 ? 0 : errors.high));
  const most = Math.min(1, Math.max(...highs) * ROOM);
  const { errorDifference: difference } = standing;
  return (
    <section className="panel" aria-labelledby="errors">
      <header>
        <h2 id="errors">Old against new</h2>
      </header>
      {legacy.ended + order.ended === 0 ? (
        <Empty title="Nothing has ended in this time">Choose a longer time above.</Empty>
      ) : (
        <>
          <div className="both">
            <PathErrors path={legacy} of="old" most={most} />
            <PathErrors path={order} of="new" most={most} />
          </div>
          <dl className="standing">
            <dt>Errors of the new path</dt>
            <dd>
              <Chip {...standingWord(standing.errors)} />
              {order.ended > 0 && legacy.ended > 0 && (
                <span>
                  {points(difference.estimate)}{" "}
                  <small className="muted">({betweenPoints(difference.low, difference.high)})</small>
                </span>
              )}
            </dd>
            <dt>Latency of the new path</dt>
            <dd>
              <Chip {...standingWord(standing.latency)} />
            </dd>
          </dl>
          <Codes legacy={legacy} order={order} />
          <p className="fine">{standing.method}</p>
        </>
      )}
    </section>
  );
}
