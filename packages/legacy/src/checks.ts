import type { CheckAnswer, CheckTask, OrderCheck, OrderItem } from "@crossfade/bridge";
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

const REGISTERS: ReadonlySet<string> = new Set<ItemWork["action"]>(["RegisterDomain", "SetUpDomain"]);

/**
 * Asks the registry about the domains that the order registers, in one question; asks nothing where it registers none.
 * One taken domain refuses the whole order. The registry has the last word: a name may be gone when it is registered.
 * @param inputOf an item's whole input, which may travel apart from it (N18).
 */
export async function checkAvailability(
  registry: Availability,
  { items }: CheckTask,
  inputOf: (item: OrderItem) => Promise<unknown>,
): Promise<CheckAnswer> {
  const registering = items.filter(({ action }) => REGISTERS.has(action));
  const works = registering.map(async (item) => ItemWork.parse({ action: item.action, input: await inputOf(item) }));
  const wanted = (await Promise.all(works)).map((work) => work.input.domain);
  if (wanted.length === 0) return {};
  const taken = await registry.taken(wanted);
  if (taken.length === 0) return {};
  return refusal("DOMAIN_TAKEN", `registered already: ${taken.join(", ")}`.slice(0, 1000));
}
