import { buildOrder, CheckTask, CorrelationId, OrderId, type OrderItem } from "@crossfade/bridge";
import { describe, expect, test } from "vitest";
import type { Work } from "./actions.ts";
import { checkAvailability, checkCustomer } from "./checks.ts";
import { ServiceError } from "./service-client.ts";

const customerId = "cust-1";
const registration = (domain: string): Work => ({
  action: "RegisterDomain",
  input: {
    ...{ customerId, domain, years: 1, nameServers: ["ns1.example.fi", "ns2.example.fi"] },
    registrant: { name: "Aino Aalto", email: "aino@example.fi", country: "FI" },
  },
});
const refresh = (domain: string): Work => ({ action: "RefreshDomain", input: { customerId, domain } });

function taskOf(...works: Work[]): CheckTask {
  const orderId = OrderId.parse("6945a898-b1c8-4cf3-bf1d-1c200dbb28d0");
  const items = works.map((work, i) => ({ itemId: `item-${i}`, route: "ANY", requestId: `r${i}`, ...work }));
  const given = { orderId, nameId: orderId, correlationId: CorrelationId.parse("c"), pinned: false };
  const { order } = buildOrder({ customerId, items }, given);
  return CheckTask.parse({ orderId, correlationId: order.correlationId, customerId, items: order.items });
}

const inputOf = async ({ input }: OrderItem) => input;

/** A registry that knows these names as taken, and remembers what it was asked. */
function registryWith(...held: string[]) {
  const asked: (readonly string[])[] = [];
  const taken = async (domains: readonly string[]) => {
    asked.push(domains);
    return domains.filter((domain) => held.includes(domain));
  };
  return { asked, taken };
}

describe("the availability check", () => {
  test("asks once about the domains that are to be registered, and about no other", async () => {
    const registry = registryWith("c.fi");
    const task = taskOf(registration("a.fi"), refresh("c.fi"), registration("b.fi"));
    expect(await checkAvailability(registry, task, inputOf)).toEqual({});
    expect(registry.asked).toEqual([["a.fi", "b.fi"]]);
  });

  test("asks nothing where nothing is registered", async () => {
    const registry = registryWith("a.fi");
    expect(await checkAvailability(registry, taskOf(refresh("a.fi")), inputOf)).toEqual({});
    expect(registry.asked).toEqual([]);
  });

  test("names the domains that are taken, in a message of bounded length", async () => {
    const domains = Array.from({ length: 40 }, (_, i) => `${"x".repeat(60)}${i}.fi`);
    const few = await checkAvailability(
      registryWith("b.fi"),
      taskOf(registration("a.fi"), registration("b.fi")),
      inputOf,
    );
    expect(few).toEqual({ Error: { Code: "DOMAIN_TAKEN", Message: "registered already: b.fi", Retryable: false } });
    const many = await checkAvailability(registryWith(...domains), taskOf(...domains.map(registration)), inputOf);
    expect(many.Error?.Message).toHaveLength(1000);
  });

  test("does not guess when the registry gives no answer", async () => {
    const taken = () => Promise.reject(new ServiceError("TIMED_OUT", "no answer"));
    await expect(checkAvailability({ taken }, taskOf(registration("a.fi")), inputOf)).rejects.toMatchObject({
      code: "TIMED_OUT",
    });
  });
});

describe("the customer check", () => {
  test.each([
    ["good", {}],
    ["blocked", { Error: { Code: "CUSTOMER_BLOCKED", Message: "the customer is blocked", Retryable: false } }],
  ] as const)("of a customer in standing %s", async (standing, answer) => {
    expect(await checkCustomer({ standingOf: async () => standing }, taskOf(refresh("a.fi")))).toEqual(answer);
  });
});
