import { between, percent } from "../format.ts";

export interface Bounds {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** An estimate on its interval, drawn to a scale that it shares with its neighbours. */
export function IntervalBar({
  interval,
  most,
  of,
}: {
  readonly interval: Bounds;
  readonly most: number;
  readonly of: "old" | "new";
}) {
  const at = (share: number): number => (most === 0 ? 0 : (100 * share) / most);
  return (
    <svg className={`interval ${of}`} viewBox="0 0 100 12" preserveAspectRatio="none" role="img">
      <title>{`${percent(interval.estimate)}, 95 % interval ${between(interval.low, interval.high)}`}</title>
      <line className="scale" x1="0" x2="100" y1="6" y2="6" />
      <rect x={at(interval.low)} width={Math.max(0.6, at(interval.high) - at(interval.low))} y="3" height="6" />
      <line className="estimate" x1={at(interval.estimate)} x2={at(interval.estimate)} y1="0" y2="12" />
    </svg>
  );
}
