import { matches, type StateFailure } from "../failure.ts";
import type { Retrier } from "../language/schema.ts";

/** Counts the attempts of one visit to a state: each retrier on its own (States Language, "Retrying after error"). */
export class RetryPlan {
  readonly #retriers: readonly Retrier[];
  readonly #used: number[];

  constructor(retriers: readonly Retrier[]) {
    this.#retriers = retriers;
    this.#used = retriers.map(() => 0);
  }

  /** Milliseconds to wait before the next attempt, or undefined when there is none. */
  next(failure: StateFailure): number | undefined {
    const index = this.#retriers.findIndex((retrier) => matches(retrier.ErrorEquals, failure));
    const retrier = this.#retriers[index];
    const used = this.#used[index];
    if (retrier === undefined || used === undefined || used >= retrier.MaxAttempts) return undefined;
    this.#used[index] = used + 1;
    const grown = retrier.IntervalSeconds * retrier.BackoffRate ** used;
    const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    return 1000 * seconds * (retrier.JitterStrategy === "FULL" ? Math.random() : 1);
  }
}
