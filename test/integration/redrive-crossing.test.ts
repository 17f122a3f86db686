import { randomUUID } from "node:crypto";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CorrelationId, type OrderDraft, OrderId, type OrderInput, placeOrder, redriveOrder } from "@crossfade/bridge";
import { composePlaceOrder, composeRedrive } from "@crossfade/functions/compose";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { delivery, keyOfMessage, ON_ORDER, registration } from "./support/messages.ts";
import { type RegistryHand, registryHand } from "./support/registry-hand.ts";
import { runCommand } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

const PRICE = 1_900;
const WHO = { by: "Aino", reason: "the registry is back" };

let world: World;
let registry: SimulatedRegistry;
let hand: RegistryHand;
beforeAll(async () => {
  registry = await startSimulatedRegistry({
    latencyMs: 0,
    unavailableRate: 0,
    slowRate: 0,
    stallRate: 0,
    takenRate: 0,
  });
  world = await startWorld({ registryUrl: registry.url, rowGraceMs: 1 });
  hand = await registryHand(world, registry);
});
afterAll(async () => {
  await world.close();
  await registry.stop();
});

/** Three registrations, which begin at once; with a price, authorised together. */
async function placed(price?: number): Promise<OrderInput> {
  const orderId = OrderId.parse(randomUUID());
  const payment = { authorisationId: `auth-${orderId}`, amount: 3 * (price ?? 0) };
  if (price !== undefined) await world.payments.authorise(payment.authorisationId, payment.amount, orderId);
  const draft: OrderDraft = {
    customerId: "cust-1",
    ...(price !== undefined && { payment }),
    items: [0, 1, 2].map((i) => {
      const domain = `${randomUUID()}.fi`;
      const registrant = { name: "Aino Aalto", email: "aino@example.fi", country: "FI" };
      const input = {
        customerId: "cust-1",
        domain,
        years: 1,
        registrant,
        nameServers: ["ns1.example.fi", "ns2.example.fi"],
      };
      const work = { action: "RegisterDomain", pinKey: domain, price: price ?? 0, input };
      return { itemId: `item-${i}`, route: "REGISTER_DOMAIN", requestId: randomUUID(), ...work };
    }),
  };
  return placeOrder(composePlaceOrder(), draft, { orderId, correlationId: CorrelationId.parse("c-1") });
}

const arnOf = ({ executionName }: OrderInput) =>
  `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${executionName}`;
const claimsOf = ({ items }: OrderInput) => Promise.all(items.map((item) => world.claims.read(item)));
const rowsOf = ({ items }: OrderInput) => Promise.all(items.map((item) => world.tracking.read(item)));
const commandsFor = ({ items }: OrderInput) =>
  items.map(({ requestId }) => registry.commands().filter((command) => command.requestId === requestId).length);

const stop = (order: OrderInput) =>
  world.sfn.send(new StopExecutionCommand({ executionArn: arnOf(order), error: "Stopped", cause: "by the test" }));

const begun = (order: OrderInput) =>
  eventually("the Actions to begin", async () => {
    const stateMachineArn = world.bridge.orderArn.replace(/Order$/, "RegisterDomain");
    const { executions = [] } = await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    const mine = executions.filter(({ name }) => name?.includes(order.orderId));
    return mine.length === order.items.length ? mine : undefined;
  });

/** Waits until every request has ended, at that generation or, if it was done before, at an earlier one. */
const ended = (order: OrderInput, generation: number) =>
  eventually(
    `the order to end at ${generation}`,
    async () => {
      const claims = await claimsOf(order);
      const over = claims.every(
        (claim) =>
          claim?.endedAt !== undefined &&
          (claim.generation === generation || claim.orderOutcome?.status === "COMPLETED"),
      );
      return over ? claims : undefined;
    },
    30_000,
  );

/** One item is done, a worker died on the second before it began, nobody took the third; then the order was stopped. */
async function stoppedInTheMiddle(price?: number, effectBegun = false): Promise<[OrderInput, string]> {
  const order = await placed(price);
  await begun(order);
  await hand.work(1);
  const { item } = await hand.takeAndDie(effectBegun);
  await stop(order);
  return [order, item.requestId];
}

const crossfade = (line: string) =>
  runCommand(`"${process.execPath}" packages/cli/src/main.ts ${line}`, undefined, {
    ...process.env,
    ...world.bridge.env,
  });

describe("crossfade redrive, on the embedded cloud", () => {
  it("does what a stopped order did not do, and nothing twice; rows reopen and end again", async () => {
    const [order] = await stoppedInTheMiddle();
    await ended(order, 0);
    const before = await rowsOf(order);
    expect(before.map((row) => row?.["status"]).sort()).toEqual(["COMPLETED", "FAILED", "FAILED"]);

    const ran = await crossfade(`redrive ${order.orderId} --reason "the registry is back" --by Aino --json`);
    expect(ran.code, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ orderId: order.orderId, generation: 1, ...WHO });
    await eventually("the rows to reopen", async () => {
      const rows = await rowsOf(order);
      return (
        rows.filter((row) => row?.["status"] === "PROCESSING" && row["crossfadeFence"] === 9).length === 2 || undefined
      );
    });
    const again = await crossfade(`redrive ${order.orderId} --reason again --by Eero`);
    expect(again.stdout).toMatch(/is redriven \(1\) by Aino at 20.*Z: the registry is back\n/);

    await hand.work(2);
    await ended(order, 1);
    const { status, redriveCount } = await world.sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(order) }));
    expect({ status, redriveCount }).toEqual({ status: "SUCCEEDED", redriveCount: 1 });
    const after = await rowsOf(order);
    expect(after.map((row) => row?.["status"])).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
    for (const [i, row] of before.entries()) if (row?.["status"] === "COMPLETED") expect(after[i]).toEqual(row);
    expect(commandsFor(order)).toEqual([1, 1, 1]);
    expect((await claimsOf(order)).map((claim) => claim?.generation).sort()).toEqual([0, 1, 1]);
    const refused = await crossfade(`redrive ${order.orderId} --reason again --json`);
    expect({ code: refused.code, ...JSON.parse(refused.stdout) }).toMatchObject({ code: "NOT_REDRIVABLE" });
    expect(refused.code).toBe(4);
  });

  it("of an order whose charge waits for an open effect: it is finished, not repeated, and all is charged", async () => {
    const [order, open] = await stoppedInTheMiddle(PRICE, true);
    expect(await redriveOrder(composeRedrive(), order.orderId, WHO)).toMatchObject({ kind: "redriven", generation: 1 });
    await hand.work(2);
    await ended(order, 1);
    expect(commandsFor(order)).toEqual([1, 1, 1]);
    const ids = registry.commands().flatMap(({ requestId, commandId }) => (requestId === open ? [commandId] : []));
    expect(ids).toEqual([`REGISTER_DOMAIN#${open}#0`]);
    const { authorisationId = "" } = order.payment ?? {};
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: 3 * PRICE });
  });

  it("refuses an order whose charge is decided, and says so", async () => {
    const [order] = await stoppedInTheMiddle(PRICE);
    await ended(order, 0);
    const refused = await crossfade(`redrive ${order.orderId} --reason x`);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toMatch(/^error: CHARGE_DECIDED: its charge is decided \(capture\)/);
    const { redriveCount } = await world.sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(order) }));
    expect(redriveCount).toBe(0);
    const unknown = await crossfade(`redrive ${randomUUID()} --reason x --json`);
    expect(unknown.code).toBe(2);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ code: "UNKNOWN_ORDER" });
  });

  it("finds an order that came as a message and is not settled, by the name of its execution", async () => {
    const payment = { authorisationId: `auth-${randomUUID()}`, amount: PRICE };
    await world.payments.authorise(payment.authorisationId, PRICE, "shop");
    const message = registration({ customerId: ON_ORDER, payment });
    await world.ingest([delivery(world.legacy.registrations.queueArn, message)]);
    const { executionName, orderId } = { ...(await world.claims.read(keyOfMessage(message))) };
    if (orderId === undefined) throw new Error("the message became no order");
    await hand.takeAndDie(true);
    const executionArn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${executionName}`;
    await world.sfn.send(new StopExecutionCommand({ executionArn }));
    expect(await redriveOrder(composeRedrive(), orderId, WHO)).toMatchObject({ kind: "redriven", generation: 1 });
    await hand.work(1);
    await eventually("the claim to end", async () => (await world.claims.read(keyOfMessage(message)))?.endedAt);
    expect(await world.tracking.read(keyOfMessage(message))).toMatchObject({ status: "COMPLETED" });
  });
});

describe("a redrive by hand, on the embedded cloud", () => {
  it.each([undefined, PRICE])(
    "is refused at the first effect, says so, and ends all the same: price %s",
    async (price) => {
      const [order] = await stoppedInTheMiddle(price);
      await ended(order, 0);
      await world.sfn.send(new RedriveExecutionCommand({ executionArn: arnOf(order) }));
      await hand.work(2);
      await eventually("the order to end", async () => {
        const { status } = await world.sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(order) }));
        return status === "SUCCEEDED" || undefined;
      });
      await eventually("the rows to say so", async () => {
        const rows = await rowsOf(order);
        const told = rows.filter((row) => row?.["errorCode"] === "REDRIVEN_BY_HAND" && row["status"] === "FAILED");
        return told.length === 2 || undefined;
      });
      await ended(order, 1);
      expect(commandsFor(order).sort()).toEqual([0, 0, 1]);
      expect((await rowsOf(order)).some((row) => String(row?.["errorMessage"]).includes("crossfade redrive"))).toBe(
        true,
      );
    },
  );
});
