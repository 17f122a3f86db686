import { initialRollout, type RouteType } from "@crossfade/bridge";
import { composeRollouts } from "@crossfade/functions/compose";
import { webcat } from "@crossfade/legacy";

/** Of what is planned, so much is planned twice: enough of a short run to be seen. */
const BASELINE = 20;

/**
 * Every route takes the percentage, each with the next version of its rollout and an audit entry. At 0 % it is in shadow:
 * all of it goes its old way, and is planned on the new one.
 */
export async function setPercentage(percentage: number, legacyBefore: number): Promise<void> {
  const store = composeRollouts();
  await Promise.all(
    [...webcat.routes.keys()].map(async (route: RouteType) => {
      const current = await store.read(route);
      await store.write(
        {
          ...initialRollout(route),
          stage: percentage === 0 ? "shadow" : "split",
          baseline: BASELINE,
          percentage,
          // One salt for all routes: a customer moves with all its domains.
          salt: webcat.name,
          legacyBefore,
          // Where a route allows it the old services go on with the work, until every order is on the new path (N4).
          integration: percentage < 100 ? "delegate" : "activity",
          version: current.version + 1,
        },
        { by: "demonstration", reason: `step to ${percentage} %`, at: Date.now() },
      );
    }),
  );
}
