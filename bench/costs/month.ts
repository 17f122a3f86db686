import { SCHEDULES } from "@crossfade/bridge/deployment";
import { webcat } from "@crossfade/legacy";
import { billOf, total } from "./bill.ts";
import type { Counted } from "./count.ts";
import { ASSUMED, MONTH, price } from "./prices.ts";
import { dollars, number, table } from "./text.ts";

/** Defaults of TIDY_EVERY_MS and ROLLOUT_MAX_AGE_MS, in seconds. */
const TIDY_EVERY = 10;
const ROLLOUT_AGE = 10;

/** What a month costs although no message comes. */
export function monthTable({
  reconcile,
  guard,
  tidy,
  rolloutReadUnits,
  metrics,
  polledQueues,
  alarms,
}: Counted): string {
  const runs = MONTH / SCHEDULES.reconcile;
  const receives = (polledQueues * ASSUMED.idlePollers * MONTH) / ASSUMED.idleWaitSeconds;
  const tidying = (2 * MONTH) / TIDY_EVERY;
  const reads = (webcat.routes.size * MONTH) / ROLLOUT_AGE;
  const watched = alarms.reduce((sum, metricsOfIt) => sum + metricsOfIt, 0);
  return table(
    ["A month", "How much", "Price"],
    [
      [
        "`reconcile`, each minute, nothing in flight",
        `${number(runs)} runs of ${number(reconcile.writeUnits)} write and ${number(reconcile.readUnits)} read units`,
        dollars(total(billOf(reconcile, runs)) + price("schedules", runs)),
      ],
      [
        `\`guard\`, each minute, of ${webcat.routes.size} routes whose step has just begun`,
        `${number(MONTH / SCHEDULES.guard)} runs of ${number(guard.writeUnits)} write and ${number(guard.readUnits)} read units`,
        dollars(total(billOf(guard, MONTH / SCHEDULES.guard)) + price("schedules", MONTH / SCHEDULES.guard)),
      ],
      [
        `${polledQueues} queues that Lambda polls, all idle`,
        `${number(receives)} receives`,
        dollars(price("standardRequests", receives)),
      ],
      [
        "2 workers that look for open effects",
        `${number(tidying)} queries of ${number(tidy.readUnits)} read units`,
        dollars(price("readUnits", tidying * tidy.readUnits)),
      ],
      [
        "rollouts, for each instance of `ingest` that is never idle, at most",
        `${number(reads)} reads of ${number(rolloutReadUnits)} unit`,
        dollars(price("readUnits", reads * rolloutReadUnits)),
      ],
      [`custom metrics of calm days`, number(metrics.length), dollars(price("metrics", metrics.length))],
      ["each further metric, in a month of failures", "1", dollars(price("metrics", 1))],
      [`${alarms.length} alarms, which look at so many metrics`, number(watched), dollars(price("alarms", watched))],
    ],
  );
}
