import type { Rate } from "./rates.ts";

/** What ended on both paths in the same hour. */
export interface Stratum {
  readonly legacy: Rate;
  readonly order: Rate;
}

/** The two rates, all hours together. */
export function total(strata: readonly Stratum[]): Stratum {
  const sum = (path: keyof Stratum): Rate => ({
    count: strata.reduce((all, stratum) => all + stratum[path].count, 0),
    of: strata.reduce((all, stratum) => all + stratum[path].of, 0),
  });
  return { legacy: sum("legacy"), order: sum("order") };
}

/** Rises of 1, 2, 4, ... margins; how large the true one is, nobody knows. */
const RISES = 7;

/** Evidence beyond all doubt; greater numbers could not be stored. */
const CERTAIN = 1e100;

/** The log likelihood of a rate under a chance of failing, against another chance. */
const logRatio = ({ count, of }: Rate, chance: number, against: number): number =>
  (count === 0 ? 0 : count * Math.log(chance / against)) +
  (count === of ? 0 : (of - count) * Math.log((1 - chance) / (1 - against)));

/** The chances of failing if the rise were real and the rate of both paths together were `rate`; within 0 and 1. */
function chances(rate: number, share: number, rise: number) {
  const order = Math.min(rate + (1 - share) * rise, (1 + rate) / 2);
  const legacy = (rate - share * order) / (1 - share);
  // So small a rate cannot be made of so great a rise: legacy fails hardly ever, and the order path for both.
  return legacy > 0 ? { order, legacy } : { order: (0.9 * rate) / share + 0.1 * rate, legacy: 0.1 * rate };
}

/**
 * How strongly the counts speak for failures being more frequent on the order path, as an e-value: where they are not,
 * the chance that it *ever* reaches 1/alpha is at most alpha, however often and for however long one looks (Ville's
 * inequality). 1 says nothing.
 *
 * Method: the block e-variables of Turner, Ly and Gruenwald (J. Stat. Plan. Inference 230:106116, 2024) for two streams
 * of failures: the likelihood under a rise, divided by that under the rate of both streams mixed as they are in the
 * block. Blocks are hours, and are multiplied; a mixture over rises of 1, 2, 4, ... margins stands for the unknown one.
 * Exact for small numbers too, where intervals by the normal distribution are not.
 *
 * Assumptions: which path a request takes is independent of whether it would fail (the hash of its cohort decides), and
 * requests fail independently of each other. Error rates may change from hour to hour, and so may the share of the order
 * path. Two approximations: the common rate is estimated from all hours, and the hour that is under way is taken as if
 * it were over; the figures' test finds no more false alarms than stated.
 * @param margin the smallest rise that matters, 0 to 1.
 */
export function evidenceOfRise(strata: readonly Stratum[], margin: number): number {
  const { legacy, order } = total(strata);
  // Half a failure more, so that a rise is possible where nothing has failed yet.
  const rate = (legacy.count + order.count + 0.5) / (legacy.of + order.of + 1);
  const blocks = strata.filter((stratum) => stratum.legacy.of > 0 && stratum.order.of > 0);
  let evidence = 0;
  for (let n = 0; n < RISES; n++) {
    // 1/2, 1/6, 1/12, ...: a small rise is the likeliest, and the last takes what is left of 1.
    const weight = n === RISES - 1 ? 1 / RISES : 1 / ((n + 1) * (n + 2));
    const logs = blocks.reduce((sum, block) => {
      const share = block.order.of / (block.legacy.of + block.order.of);
      const rise = chances(rate, share, margin * 2 ** n);
      return sum + logRatio(block.legacy, rise.legacy, rate) + logRatio(block.order, rise.order, rate);
    }, 0);
    evidence += weight * Math.exp(logs);
  }
  return Math.min(evidence, CERTAIN);
}

/** The same the other way round: that failures are less frequent on the order path. */
export const evidenceOfFall = (strata: readonly Stratum[], margin: number): number =>
  evidenceOfRise(
    strata.map(({ legacy, order }) => ({ legacy: order, order: legacy })),
    margin,
  );
