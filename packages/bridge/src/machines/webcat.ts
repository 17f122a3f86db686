import { actionMachine, WEBCAT_ACTIONS } from "./actions.ts";
import type { Machine } from "./asl.ts";
import { setUpDomainMachine } from "./set-up-domain.ts";

/** The activities of the worked migration: one for each external service. */
export const WEBCAT_ACTIVITIES = ["registry", "dns"] as const;
export type WebcatActivity = (typeof WEBCAT_ACTIVITIES)[number];

/** Every Action of the worked migration by its name; Order starts them by that name alone (N2). */
export const webcatActions = (
  activityArns: Readonly<Record<WebcatActivity, string>>,
): Readonly<Record<string, Machine>> => ({
  ...Object.fromEntries(
    WEBCAT_ACTIONS.map((spec) => [spec.action, actionMachine(spec, activityArns[spec.activity])] as const),
  ),
  SetUpDomain: setUpDomainMachine(activityArns),
});
