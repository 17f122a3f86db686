import { CheckTask } from "@crossfade/bridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anInstantOrder, type OrderRuns, startOrderRuns } from "./support/order-runs.ts";

/** What a check does is decided by the customer's name: `refused-<check>`, `broken-<check>`. */
const asked: { readonly check: string; readonly task: CheckTask }[] = [];
const check = (name: string) => async (event: unknown) => {
  const task = CheckTask.parse(event);
  asked.push({ check: name, task });
  if (task.customerId.includes(`broken-${name}`)) throw Object.assign(new Error("down"), { name: "Crossfade.Fatal" });
  const refusal = { Code: `NO_${name.toUpperCase()}`, Message: "no", Retryable: false };
  return task.customerId.includes(`refused-${name}`) ? { Error: refusal } : {};
};

let runs: OrderRuns;
beforeAll(async () => {
  runs = await startOrderRuns({ checks: { customer: check("customer"), availability: check("availability") } });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => runs.close());

describe("the checks of an order (N15)", () => {
  it("cost a plain order nothing: 3 + n transitions, and nobody is asked (N20)", async () => {
    const arn = await runs.start(anInstantOrder(4));
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
    expect(await runs.entered(arn)).toHaveLength(3 + 4);
    expect(asked).toEqual([]);
  });

  it("cost an order that asks for them 2 + 1 for each check, and learn nothing of its payment", async () => {
    const order = anInstantOrder(4, { checks: true });
    const arn = await runs.start(order);
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
    expect(await runs.entered(arn)).toHaveLength(3 + 4 + 2 + 2);
    const { orderId, correlationId, customerId, items } = order;
    const task = { orderId, correlationId, customerId, items };
    expect(asked).toHaveLength(2);
    for (const name of ["customer", "availability"]) expect(asked).toContainEqual({ check: name, task });
    expect(runs.finished(order)).not.toHaveProperty("refusal");
  });

  it.each([
    ["refused-availability", "NO_AVAILABILITY", false],
    ["refused-customer", "NO_CUSTOMER", false],
    ["refused-customer-refused-availability", "NO_CUSTOMER", false],
    ["broken-availability", "CHECK_NOT_DONE", true],
    ["broken-customer-refused-availability", "CHECK_NOT_DONE", true],
  ])("end the order before its items: %s gives %s", async (customerId, Code, Retryable) => {
    const order = anInstantOrder(4, { checks: true, customerId });
    const arn = await runs.start(order);
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
    const entered = await runs.entered(arn);
    expect(entered).toHaveLength(5 + 2 + (customerId.startsWith("broken") ? 1 : 0));
    expect(entered).not.toContain("Do the item");
    expect(runs.finished(order)).toMatchObject({ results: [], refusal: { Code, Retryable } });
  });
});
