import { useEffect, useId, useRef, useState } from "react";
import UPlot from "uplot";
import { onThemeChange } from "../theme.ts";
import type { Column } from "./columns.ts";

/** A line of a chart: of the old path (dashed), of the new one, or of noise (dotted). */
export interface Line {
  readonly name: string;
  readonly of: "old" | "new" | "bad" | "noise";
  readonly values: Column;
  /** Beside a line of the same path that matters more. */
  readonly isThin?: boolean;
}

const HEIGHT = 168;
const DAY = 86_400;
const DASHES: Readonly<Record<Line["of"], number[]>> = { old: [6, 4], new: [], bad: [], noise: [2, 3] };
const COLOURS: Readonly<Record<Line["of"], string>> = {
  old: "--old-fill",
  new: "--new-fill",
  bad: "--bad",
  noise: "--muted",
};

const two = (value: number): string => String(value).padStart(2, "0");

function timeLabel(seconds: number, isLong: boolean): string {
  const at = new Date(seconds * 1000);
  return isLong ? `${at.getDate()}.${at.getMonth() + 1}.` : `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The real colour behind a custom property: a canvas does not know light-dark(). */
function colours(element: HTMLElement): (name: string) => string {
  const probe = element.appendChild(document.createElement("i"));
  const found = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  queueMicrotask(() => probe.remove());
  return found;
}

/** Points are drawn only where a value has no neighbours to be joined with. */
function lonely(plot: UPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const isThere = (n: number) => values[n] !== null && values[n] !== undefined;
  return [...values.keys()].filter((n) => isThere(n) && !isThere(n - 1) && !isThere(n + 1));
}

function optionsOf(
  element: HTMLElement,
  lines: readonly Line[],
  format: (value: number) => string,
  starts: readonly number[],
  most: number | undefined,
  point: (index: number | undefined) => void,
): UPlot.Options {
  const colour = colours(element);
  const isLong = (starts.at(-1) ?? 0) - (starts[0] ?? 0) > 2 * DAY;
  const axis = {
    stroke: colour("--muted"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    ticks: { show: false },
  };
  const grid = { stroke: colour("--line"), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { sync: { key: "hours" }, y: false, drag: { x: false, y: false } },
    legend: { show: false },
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? undefined)] },
    padding: [8, 20, 0, 0],
    scales: {
      y: { range: (_, __, high) => [0, Math.max(high * 1.12, most ?? 0) || 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => timeLabel(tick, isLong)),
        space: 56,
        size: 26,
      },
      { ...axis, grid, size: 58, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(
        (line): UPlot.Series => ({
          label: line.name,
          stroke: colour(COLOURS[line.of]),
          width: line.isThin ? 1 : 2,
          dash: DASHES[line.of],
          points: { show: true, size: 7, fill: colour(COLOURS[line.of]), filter: lonely },
        }),
      ),
    ],
  };
}

/** Lines over hours. The same values stand in the table below the charts, for who does not see them. */
export function Chart({
  title,
  lines,
  starts,
  format,
  most,
}: {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly starts: readonly number[];
  readonly format: (value: number) => string;
  /** The least that the axis reaches to. */
  readonly most?: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const newest = useRef({ lines, starts });
  newest.current = { lines, starts };
  const id = useId();
  const [at, setAt] = useState<number>();
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  const names = lines.map(({ name }) => name).join("|");

  // Made anew with its lines and the theme's colours; new values are only put in (below).
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const make = () => {
      plot.current?.destroy();
      const { lines: now, starts: times } = newest.current;
      const data = [times, ...now.map(({ values }) => values)] as UPlot.AlignedData;
      plot.current = new UPlot(optionsOf(element, now, format, times, most, setAt), data, element);
    };
    make();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const themed = onThemeChange(make);
    return () => {
      resized.disconnect();
      themed();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, format, most, isEmpty]);

  useEffect(() => {
    plot.current?.setData([starts, ...lines.map(({ values }) => values)] as UPlot.AlignedData);
  }, [starts, lines]);

  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <span id={id}>{title}</span>
        <small className="muted">{at === undefined ? "" : whenOf(starts[at])}</small>
      </figcaption>
      <ul className="legend">
        {lines.map((line) => (
          <li key={line.name} className={`path-name ${line.of}${line.isThin ? " thin" : ""}`}>
            {line.name} {at !== undefined && <b>{valueAt(line, at, format)}</b>}
          </li>
        ))}
      </ul>
      {isEmpty ? <p className="nothing muted">nothing in this time</p> : <div ref={place} aria-hidden="true" />}
    </figure>
  );
}

const whenOf = (seconds: number | undefined): string =>
  seconds === undefined ? "" : `${timeLabel(seconds, true)} ${timeLabel(seconds, false)}`;

function valueAt({ values }: Line, at: number, format: (value: number) => string): string {
  const value = values[at];
  return value === null || value === undefined ? "–" : format(value);
}
