import type { HourView, RouteDetail } from "@crossfade/bridge/console";
import { useMemo } from "react";
import { count, dated, duration, hourStart, percent } from "../format.ts";
import { spokenHours } from "../parts/hours.tsx";
import { Empty } from "../parts/loaded.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Chart, type Line } from "./chart.tsx";
import { endedBy, errorsBy, everyHour, latencyBy, mismatchesBy } from "./columns.ts";

const milliseconds = (ms: number | undefined): string => (ms === undefined ? "–" : duration(ms));
const rate = ({ of, estimate }: { readonly of: number; readonly estimate: number }): string =>
  of === 0 ? "–" : percent(estimate);

function Row({ view: { hour, parity, paths } }: { readonly view: HourView }) {
  const { legacy, order } = paths;
  return (
    <tr>
      <th scope="row">{dated(hourStart(hour)).replace(/:\d\d$/, "")}</th>
      <td>{count(legacy.ended)}</td>
      <td>{count(order.ended)}</td>
      <td>{rate(legacy.errors)}</td>
      <td>{rate(order.errors)}</td>
      <td>{milliseconds(legacy.p95Ms)}</td>
      <td>{milliseconds(order.p95Ms)}</td>
      <td>{rate(parity.mismatches)}</td>
      <td>{rate(parity.baseline)}</td>
    </tr>
  );
}

function Table({ series }: { readonly series: readonly HourView[] }) {
  return (
    <details className="as-table">
      <summary>The same as a table</summary>
      <Scroll label="Hour by hour">
        <table>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Ended, old</th>
              <th scope="col">Ended, new</th>
              <th scope="col">Errors, old</th>
              <th scope="col">Errors, new</th>
              <th scope="col">p95, old</th>
              <th scope="col">p95, new</th>
              <th scope="col">Mismatches</th>
              <th scope="col">Noise</th>
            </tr>
          </thead>
          <tbody>
            {series.toReversed().map((view) => (
              <Row key={view.hour} view={view} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

/** Traffic, errors, latency and parity, hour by hour, of both paths. */
export function Series({ detail }: { readonly detail: RouteDetail }) {
  const { series } = detail;
  const { starts, lines } = useMemo(() => {
    const hours = everyHour(series);
    const both = (read: (path: "legacy" | "order") => Line["values"]): Line[] => [
      { name: "Old", of: "old", values: read("legacy") },
      { name: "New", of: "new", values: read("order") },
    ];
    return {
      starts: hours.starts,
      lines: {
        ended: both((path) => endedBy(hours, path)),
        errors: both((path) => errorsBy(hours, path)),
        latency: [
          ...both((path) => latencyBy(hours, path, "p95Ms")),
          { name: "Old p50", of: "old" as const, values: latencyBy(hours, "legacy", "p50Ms"), isThin: true },
          { name: "New p50", of: "new" as const, values: latencyBy(hours, "order", "p50Ms"), isThin: true },
        ],
        parity: [
          { name: "Mismatches", of: "bad" as const, values: mismatchesBy(hours, "mismatches") },
          { name: "Noise", of: "noise" as const, values: mismatchesBy(hours, "baseline") },
        ],
      },
    };
  }, [series]);
  return (
    <section className="panel" aria-labelledby="series">
      <header>
        <h2 id="series">Hour by hour</h2>
        <p className="muted">{spokenHours(detail.hours)}, your time zone</p>
      </header>
      {series.length === 0 ? (
        <Empty title="Nothing was counted in this time">
          Choose a longer time above, or wait for the next message of this route.
        </Empty>
      ) : (
        <>
          <div className="charts">
            <Chart title="Requests ended, an hour" lines={lines.ended} starts={starts} format={count} most={4} />
            <Chart title="Errors, of what ended" lines={lines.errors} starts={starts} format={percent} most={0.01} />
            <Chart title="Latency, p95 and p50" lines={lines.latency} starts={starts} format={duration} most={100} />
            <Chart
              title="Mismatches, of what was compared"
              lines={lines.parity}
              starts={starts}
              format={percent}
              most={0.01}
            />
          </div>
          <Table series={series} />
        </>
      )}
    </section>
  );
}
