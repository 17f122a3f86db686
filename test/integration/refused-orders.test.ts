import { randomUUID } from "node:crypto";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  answerApproval,
  CorrelationId,
  ExecutionName,
  listApprovals,
  type OrderDraft,
  OrderId,
  OrderInput,
  placeOrder,
} from "@crossfade/bridge";
import { SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { composeApprovals, composePlaceOrder } from "@crossfade/functions/compose";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { delivery, keyOfMessage, type Message, ON_ORDER, registration } from "./support/messages.ts";
import { startWorld, type World } from "./support/world.ts";

const BLOCKED = "cust-blocked";

let allTaken: SimulatedRegistry;
let world: World;
beforeAll(async () => {
  allTaken = await startSimulatedRegistry({ takenRate: 1 });
  world = await startWorld({ registryUrl: allTaken.url, approvalWaitSeconds: 6 });
  const row = { customerId: BLOCKED, standing: "blocked" };
  await world.documents.send(new PutCommand({ TableName: world.legacy.customersTable, Item: row }));
});
afterAll(async () => {
  await world.close();
  await allTaken.stop();
});

/** Two registrations, authorised together. */
const draftOf = (customerId: string, authorisationId: string, amount: number, checks: boolean): OrderDraft => ({
  customerId,
  payment: { authorisationId, amount },
  checks,
  items: [0, 1].map((i) => {
    const domain = `${randomUUID()}.fi`;
    const registrant = { name: "Aino Aalto", email: "aino@example.fi", country: "FI" };
    const input = { customerId, domain, years: 1, registrant, nameServers: ["ns1.example.fi", "ns2.example.fi"] };
    const work = { action: "RegisterDomain", pinKey: domain, price: amount / 2, input };
    return { itemId: `item-${i}`, route: "REGISTER_DOMAIN", requestId: randomUUID(), ...work };
  }),
});

async function placed(customerId: string, amount: number, checks = false): Promise<OrderInput> {
  const orderId = OrderId.parse(randomUUID());
  await world.payments.authorise(`auth-${orderId}`, amount, orderId);
  const ids = { orderId, correlationId: CorrelationId.parse("c-1") };
  return placeOrder(composePlaceOrder(), draftOf(customerId, `auth-${orderId}`, amount, checks), ids);
}

/** Every item ends in the old table with the code; the charge is cancelled, and the registry was told to do nothing. */
async function expectRefused({ orderId, items }: OrderInput, errorCode: string): Promise<void> {
  for (const item of items) {
    await eventually("the claim to end", async () => (await world.claims.read(item))?.endedAt, 30_000);
    expect(await world.tracking.read(item)).toMatchObject({ status: "FAILED", errorCode });
  }
  expect(await world.payments.read(`auth-${orderId}`)).toMatchObject({ state: "cancelled", captured: 0 });
  expect(allTaken.commands()).toEqual([]);
}

const asked = ({ orderId }: OrderInput) =>
  eventually("the request to be recorded", async () => {
    const { entries } = await listApprovals(composeApprovals(), 100);
    return entries.find(({ question }) => question.orderId === orderId);
  });

describe("an order that a check refuses", () => {
  it.each([
    ["of a blocked customer", BLOCKED, "CUSTOMER_BLOCKED"],
    ["for names that are taken", "cust-fine", "DOMAIN_TAKEN"],
  ])("%s ends in the old table, its charge cancelled, and nothing was commanded", async (_, customerId, errorCode) => {
    await expectRefused(await placed(customerId, 3_800, true), errorCode);
    expect(allTaken.questions().length).toBeGreaterThan(0);
  });
});

describe("an order over the threshold", () => {
  it("that is refused, or that nobody answers, ends in the old table, its charge cancelled", async () => {
    const forgotten = await placed("cust-1", 50_002);
    const refused = await placed("cust-1", 50_002);
    const { question, sealedToken } = await asked(refused);
    expect(question).toMatchObject({ amount: 50_002, over: 50_000, items: 2 });
    expect(sealedToken).toMatch(/^[A-Za-z0-9+/=]+$/);
    const no = { approved: false, by: "Eero", reason: "too much" };
    expect(await answerApproval(composeApprovals(), refused.orderId, no)).toMatchObject({ kind: "answered" });
    await expectRefused(refused, "APPROVAL_REFUSED");
    await expectRefused(forgotten, "APPROVAL_TIMED_OUT");
  });

  it("begins its items when it is approved", async () => {
    const order = await placed("cust-1", 50_002);
    await asked(order);
    const yes = { approved: true, by: "Aino", reason: "known" };
    expect(await answerApproval(composeApprovals(), order.orderId, yes)).toMatchObject({ kind: "answered" });
    const actions = world.bridge.orderArn.replace("webcat-Order", "webcat-RegisterDomain");
    await eventually("the items to begin", async () => {
      const { executions = [] } = await world.sfn.send(new ListExecutionsCommand({ stateMachineArn: actions }));
      return executions.find(({ name }) => name === `${order.items[1]?.executionName}-0`);
    });
  });

  it("waits also when it comes as a message; one at the threshold does not, and is not checked again", async () => {
    const costing = (amount: number) =>
      registration({ customerId: ON_ORDER, payment: { authorisationId: `auth-${randomUUID()}`, amount } });
    const [over, at] = [costing(50_001), costing(50_000)];
    const queueArn = world.legacy.registrations.queueArn;
    expect(await world.ingest([over, at].map((message) => delivery(queueArn, message)))).toEqual([]);
    const inputOf = async (message: Message) => {
      const name = ExecutionName.parse((await world.claims.read(keyOfMessage(message)))?.executionName);
      const found = await new SfnOrders(world.sfn, world.bridge.orderArn).find(name);
      return OrderInput.parse(JSON.parse(found?.input ?? ""));
    };
    expect(await inputOf(over)).toMatchObject({ approval: { over: 50_000, amount: 50_001 } });
    expect(await inputOf(over)).not.toHaveProperty("checks");
    for (const name of ["approval", "checks"]) expect(await inputOf(at)).not.toHaveProperty(name);
  });
});
