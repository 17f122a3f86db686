import type { GuardPolicy } from "./policy.ts";

const DAY = 24 * 3_600_000;

/**
 * The day of a step that is under way, which is judged alone too: what goes well for weeks would hide for days that the
 * numbers have turned. Undefined in the first day, which is all there is.
 *
 * A day is a test of its own, with its own chance to take noise for a breach. The n-th one after the first gets
 * 1/((n+1)(n+2)) of the policy's chances: all of them together, however long the step, half as much again as the step.
 * @param since when the step began, and `now`: epoch milliseconds.
 */
export function dayUnderWay(
  policy: GuardPolicy,
  since: number,
  now: number,
): { readonly from: number; readonly policy: GuardPolicy } | undefined {
  const n = Math.floor((now - since) / DAY);
  if (n < 1) return undefined;
  const alone = <Bound extends { readonly falseAlarm: number }>(bound: Bound): Bound => ({
    ...bound,
    falseAlarm: bound.falseAlarm / ((n + 1) * (n + 2)),
  });
  const { errors, latency, mismatches } = policy;
  return {
    from: since + n * DAY,
    policy: { ...policy, errors: alone(errors), latency: alone(latency), mismatches: alone(mismatches) },
  };
}
