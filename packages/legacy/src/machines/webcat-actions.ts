import type { ActionsArns } from "@crossfade/bridge/deployment";
import { type ActionSpec, actionMachine, type Machine } from "@crossfade/bridge/machines";
import { setUpDomainMachine } from "./set-up-domain.ts";

/** The activities of the worked migration: one for each external service. */
export const WEBCAT_ACTIVITIES = ["registry", "dns"] as const;
export type WebcatActivity = (typeof WEBCAT_ACTIVITIES)[number];

/** The Actions of one command each. A new one needs a line here and a worker; Order stays as it is (N2). */
const WEBCAT_ACTIONS = [
  {
    action: "RegisterDomain",
    comment: "Registers a domain at the registry",
    activity: "registry",
    doIt: "Register the domain",
    wasItDone: "Was the domain registered?",
    done: "Domain is registered",
    notDone: "Registry refused the registration",
    timeoutSeconds: 600,
    heartbeatSeconds: 30,
  },
  {
    action: "RenewDomain",
    comment: "Renews a domain at the registry",
    activity: "registry",
    doIt: "Renew the domain",
    wasItDone: "Was the domain renewed?",
    done: "Domain is renewed",
    notDone: "Registry refused the renewal",
    timeoutSeconds: 600,
    heartbeatSeconds: 30,
  },
  {
    action: "RefreshDomain",
    comment: "Reads a domain's state at the registry",
    activity: "registry",
    doIt: "Read the domain's state",
    wasItDone: "Was the state read?",
    done: "State is read",
    notDone: "Registry refused to tell the state",
    timeoutSeconds: 600,
    heartbeatSeconds: 30,
  },
  {
    action: "UpdateDns",
    comment: "Writes a domain's records to the DNS service",
    activity: "dns",
    doIt: "Update the DNS records",
    wasItDone: "Were the records updated?",
    done: "Records are updated",
    notDone: "DNS service refused the records",
    timeoutSeconds: 300,
    heartbeatSeconds: 30,
    delegation: {
      whoDoesIt: "Who updates the records?",
      handOver: "Hand the update to the legacy service",
    },
  },
] as const satisfies readonly ActionSpec[];

/** Every Action of the worked migration by its name; Order starts them by that name alone (N2). */
export function webcatActions({
  activities,
  delegateFunction,
  delegateWaitSeconds = 900,
}: ActionsArns<WebcatActivity>): Readonly<Record<string, Machine>> {
  const single = WEBCAT_ACTIONS.map((spec) => {
    const arns = { activity: activities[spec.activity], delegateFunction, delegateWaitSeconds };
    return [spec.action, actionMachine(spec, arns)] as const;
  });
  return { ...Object.fromEntries(single), SetUpDomain: setUpDomainMachine(activities) };
}
