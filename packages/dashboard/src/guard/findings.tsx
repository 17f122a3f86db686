import type { GuardPolicy, GuardRecord } from "@crossfade/bridge/console";
import { betweenPoints, count, duration, points } from "../format.ts";
import { Chip } from "../parts/chip.tsx";
import { findingWord } from "../words.ts";

type Numbers = NonNullable<GuardRecord["last"]>["numbers"];
type Latency = Numbers["latency"]["legacy"];

/** No latency is this long: the interval has no upper end yet. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

const spell = (latency: Latency): string => {
  if (latency === undefined) return "nothing ended";
  const high = latency.high >= UNBOUNDED ? "no bound yet" : duration(latency.high);
  return `${duration(latency.estimate)} (${duration(latency.low)} to ${high})`;
};

interface Seen {
  readonly numbers: Numbers;
  /** Undefined where it is not known any more by what bounds it was judged. */
  readonly policy?: GuardPolicy;
}

/** What was seen of each measure, beside its bound. */
export function Findings({ numbers, policy }: Seen) {
  const { errors, latency, mismatches } = numbers;
  const { difference } = errors;
  return (
    <dl className="findings">
      <div>
        <dt>Errors</dt>
        <dd>
          <Chip {...findingWord(errors.finding)} />
          <span>
            {points(difference.estimate)} <small>({betweenPoints(difference.low, difference.high)})</small>
          </span>
          <small className="muted">
            {policy && `bound ${points(policy.errors.margin)} · `}new {count(errors.order.count)} of{" "}
            {count(errors.order.of)}, old {count(errors.legacy.count)} of {count(errors.legacy.of)}
          </small>
        </dd>
      </div>
      <div>
        <dt>Latency</dt>
        <dd>
          <Chip {...findingWord(latency.finding)} />
          <small>
            new {spell(latency.order)}, old {spell(latency.legacy)}
          </small>
          {policy && (
            <small className="muted">
              bound p{policy.latency.quantile * 100} at most {policy.latency.ratio} times the old path's
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>Mismatches</dt>
        <dd>
          <Chip {...findingWord(mismatches.finding)} />
          <span>
            {mismatches.seen.of === 0 ? (
              <small>nothing compared</small>
            ) : (
              <>
                {points(mismatches.above.estimate)}{" "}
                <small>({betweenPoints(mismatches.above.low, mismatches.above.high)})</small>
              </>
            )}
          </span>
          <small className="muted">
            {policy && `bound ${points(policy.mismatches.largest)} above noise · `}
            {count(mismatches.seen.count)} of {count(mismatches.seen.of)}, noise {count(mismatches.baseline.count)} of{" "}
            {count(mismatches.baseline.of)}
            {mismatches.unplanned !== undefined && `, ${count(mismatches.unplanned)} without a plan`}
          </small>
        </dd>
      </div>
    </dl>
  );
}
