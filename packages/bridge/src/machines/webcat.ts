import { type ActionSpec, actionMachine, WEBCAT_ACTIONS } from "./actions.ts";
import type { Machine } from "./asl.ts";
import { setUpDomainMachine } from "./set-up-domain.ts";

/** The activities of the worked migration: one for each external service. */
export const WEBCAT_ACTIVITIES = ["registry", "dns"] as const;
export type WebcatActivity = (typeof WEBCAT_ACTIVITIES)[number];

/** What the Actions need to know of their surroundings. */
export interface WebcatArns {
  readonly activities: Readonly<Record<WebcatActivity, string>>;
  readonly delegateFunction: string;
  /** Seconds of one wait for the legacy service; 15 minutes unless given. */
  readonly delegateWaitSeconds?: number | undefined;
}

/** Every Action of the worked migration by its name; Order starts them by that name alone (N2). */
export function webcatActions({ activities, delegateFunction, delegateWaitSeconds = 900 }: WebcatArns) {
  const single = (WEBCAT_ACTIONS satisfies readonly ActionSpec[]).map((spec) => {
    const arns = { activity: activities[spec.activity], delegateFunction, delegateWaitSeconds };
    return [spec.action, actionMachine(spec, arns)] as const;
  });
  const machines: Readonly<Record<string, Machine>> = {
    ...Object.fromEntries(single),
    SetUpDomain: setUpDomainMachine(activities),
  };
  return machines;
}
