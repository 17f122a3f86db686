import { randomUUID } from "node:crypto";
import type { Script } from "./deeds.ts";
import { DONE, FAILED, type Scenario } from "./scenario.ts";

/** A late worker, both ways: one that falls silent, and after the retry one that never comes to an end. */
const LATE = ["silent", "slow"] as const;

function action(machine: string, what: string, script: Script, ends: Scenario["ends"], item = {}): Scenario {
  const orderId = randomUUID();
  const whole = { itemId: "item-0", route: "ROUTE", requestId: randomUUID(), ...item };
  const input = { orderId, correlationId: "c-1", generation: 0, item: whole };
  return { what: `${machine}: ${what}`, machine, orderId, input, script, ends };
}

const overdue = (machine: string, script: Script): Scenario => ({
  ...action(machine, "nobody does the work", script, { status: "TIMED_OUT" }),
  variant: "overdue",
});

const BY_HAND = ["throws Crossfade.RedrivenByHand"] as const;

/** An Action of one command by a worker. */
const single = (machine: string): Scenario[] => [
  action(machine, "done", {}, DONE),
  action(machine, "done, with a large result", { do: ["apart"] }, { output: { resultCheck: { bytes: 1 } } }),
  action(machine, "refused", { do: ["refused"] }, FAILED("REFUSED")),
  action(machine, "the worker fails", { do: ["throws Crossfade.Fatal"] }, FAILED("WORK_NOT_DONE")),
  action(machine, "of an order that was redriven by hand", { do: BY_HAND }, FAILED("REDRIVEN_BY_HAND")),
  action(machine, "the workers are late", { do: LATE }, FAILED("WORK_NOT_DONE")),
  overdue(machine, { do: ["silent"] }),
];

/** One that may go to the legacy service. */
function delegated(machine: string): Scenario[] {
  const item = { integration: "delegate" };
  return [
    action(machine, "done by the legacy service", {}, DONE, item),
    action(machine, "done in the second wait", { delegate: ["silent", "done"] }, DONE, item),
    action(machine, "refused by the legacy service", { delegate: ["refused"] }, FAILED("REFUSED"), item),
    action(machine, "of such an order, delegated", { delegate: BY_HAND }, FAILED("REDRIVEN_BY_HAND"), item),
    action(machine, "cannot be handed over", { delegate: ["throws Crossfade.Fatal"] }, FAILED("WORK_NOT_DONE"), item),
  ];
}

function setUp(machine: string): Scenario[] {
  const reverse = { reverse: true };
  const refused = { "set-up-dns": ["refused"] } as const;
  const unknown = FAILED("PARTLY_DONE_DNS_UNKNOWN");
  const kept = FAILED("PARTLY_DONE_NOT_REVERSED");
  return [
    action(machine, "done", {}, DONE),
    action(machine, "the registry refuses", { register: ["refused"] }, FAILED("REFUSED")),
    action(machine, "of an order that was redriven by hand", { register: BY_HAND }, FAILED("REDRIVEN_BY_HAND")),
    action(machine, "the registry is late", { register: LATE }, FAILED("WORK_NOT_DONE")),
    action(machine, "the DNS service is late", { "set-up-dns": LATE }, unknown, reverse),
    action(machine, "the DNS service refuses, the domain is kept", refused, FAILED("PARTLY_DONE_DNS_FAILED")),
    action(machine, "the DNS service refuses, reversed", refused, FAILED("REVERSED_DNS_FAILED"), reverse),
    action(machine, "the reversal is refused", { ...refused, reverse: ["refused"] }, kept, reverse),
    action(machine, "the reversal is late", { ...refused, reverse: LATE }, kept, reverse),
    overdue(machine, { register: ["silent"] }),
  ];
}

export const ACTION_SCENARIOS: readonly Scenario[] = [
  ...["RegisterDomain", "RenewDomain", "RefreshDomain", "UpdateDns"].flatMap(single),
  ...delegated("UpdateDns"),
  ...setUp("SetUpDomain"),
];
