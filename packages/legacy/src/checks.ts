import type { CheckAnswer, CheckTask, OrderCheck } from "@crossfade/bridge";
import { ItemWork } from "./actions.ts";
import type { Customers } from "./customers.ts";
import type { Availability } from "./registry-availability.ts";

/** What is checked before an order that was placed directly begins (N15); of two errors the first check's counts. */
export const WEBCAT_CHECKS = [
  { name: "customer", question: "Is the customer in good standing?" },
  { name: "availability", question: "Are the domains available?" },
] as const satisfies readonly OrderCheck[];
export type WebcatCheck = (typeof WEBCAT_CHECKS)[number]["name"];

const refusal = (Code: string, Message: string): CheckAnswer => ({ Error: { Code, Message, Retryable: false } });

/** A blocked customer's order is refused whole. */
export async function checkCustomer(customers: Customers, { customerId }: CheckTask): Promise<CheckAnswer> {
  const standing = await customers.standingOf(customerId);
  return standing === "good" ? {} : refusal("CUSTOMER_BLOCKED", "the customer is blocked");
}

/**
 * Asks the registry about the domains that the order registers, in one question; asks nothing where it registers none.
 * One taken domain refuses the whole order. The registry has the last word: a name may be gone when it is registered.
 */
export async function checkAvailability(registry: Availability, { items }: CheckTask): Promise<CheckAnswer> {
  const works = items.map(({ action, input }) => ItemWork.parse({ action, input }));
  const registers = ({ action }: ItemWork) => action === "RegisterDomain" || action === "SetUpDomain";
  const wanted = works.filter(registers).map((work) => work.input.domain);
  if (wanted.length === 0) return {};
  const taken = await registry.taken(wanted);
  if (taken.length === 0) return {};
  return refusal("DOMAIN_TAKEN", `registered already: ${taken.join(", ")}`.slice(0, 1000));
}
