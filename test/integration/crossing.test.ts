import { randomUUID } from "node:crypto";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import {
  type Claim,
  CorrelationId,
  type ItemDraft,
  OrderId,
  OrderOutcome,
  placeOrder,
  RequestId,
  RouteType,
} from "@crossfade/bridge";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { conservation, conservationGap } from "@crossfade/bridge/compare";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { webcat } from "@crossfade/legacy";
import { createPublisher, draw } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { keyOfMessage, ON_LEGACY, ON_ORDER, registration } from "./support/messages.ts";
import { type People, SEED, startPeople, TAKEN_RATE } from "./support/people.ts";
import { depth } from "./support/queues.ts";
import { aClaim } from "./support/samples.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let people: People;
beforeAll(async () => {
  world = await startWorld();
  people = await startPeople(world);
  await world.bridge.attach();
});
afterAll(async () => {
  await people.stop();
  await world.close();
});

/** Names that the registry has for sale, or that somebody else holds. */
function names(prefix: string, taken: boolean, count: number): string[] {
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    const name = `${prefix}-${i}.fi`;
    if (draw(SEED, "taken", name) < TAKEN_RATE === taken) found.push(name);
  }
  return found;
}

const commandsFor = (requestId: string) =>
  people.registry.commands().filter((command) => command.requestId === requestId);

const ended = (key: Parameters<World["claims"]["read"]>[0]): Promise<Claim> =>
  eventually(`the claim of ${key.requestId} ends`, async () => {
    const claim = await world.claims.read(key);
    return claim?.endedAt === undefined ? undefined : claim;
  });

const rowWhen = (requestId: string, status: string) =>
  eventually(`the row of ${requestId} says ${status}`, async () => {
    const key = { route: RouteType.parse("REGISTER_DOMAIN"), requestId: RequestId.parse(requestId) };
    const row = await world.tracking.read(key);
    return row?.["status"] === status ? row : undefined;
  });

describe("one REGISTER_DOMAIN, published through SNS and followed to its end in the tracking row", () => {
  it.each([
    ["legacy", ON_LEGACY, "legacy"],
    ["order", ON_ORDER, "order"],
  ] as const)("on the %s path", async (path, customerId, clientId) => {
    const [domain = ""] = names(`seuranta-${path}`, false, 1);
    const authorisationId = `auth-${randomUUID()}`;
    const message = registration({ customerId, domain, payment: { authorisationId, amount: 1_290 } });
    const { sns, sqs, documents, payments, legacy } = world;
    const clock = { now: () => Date.now() };
    const deps = { sns, sqs, documents, payments, clock, resources: legacy };
    const publisher = createPublisher(deps, { lateRate: 0 });
    const correlationId = `journey-${path}`;
    const body = JSON.parse(JSON.stringify(message));
    await publisher.publish({ source: "registrations", body }, correlationId);

    const row = await rowWhen(message.requestId, "COMPLETED");
    const charged = { authorisationId, amount: 1_290 };
    expect(row).toMatchObject({ domain, customerId, result: { domain, years: 1, charged } });
    expect(row["crossfadeFence"]).toBe(path === "order" ? 7 : undefined);
    const claim = await ended(keyOfMessage(message));
    expect(claim).toMatchObject({ path, [`${path}Outcome`]: { status: "COMPLETED" } });
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: 1_290 });
    expect(commandsFor(message.requestId)).toEqual([
      expect.objectContaining({ clientId, command: "register", domain, outcome: "done" }),
    ]);
    // The pin is free: a request for the same domain may go the other way.
    const next = aClaim(path === "legacy" ? "order" : "legacy", { pinKey: claim.pinKey });
    expect(
      await eventually("the pin is released", async () => {
        const result = await world.claims.claim(next);
        return result.kind === "claimed" ? result.kind : undefined;
      }),
    ).toBe("claimed");

    // The same message once more, when all is over: nothing happens a second time.
    await publisher.repeat({ source: "registrations", body }, correlationId);
    for (const url of [legacy.registrations.queueUrl, world.forwardUrl("registrations")]) {
      await eventually("the queue is empty", async () => ((await depth(sqs, url)) === 0 ? true : undefined));
    }
    expect(commandsFor(message.requestId)).toHaveLength(1);
    expect(await world.executionsNamed(claim.executionName)).toBe(path === "order" ? 1 : 0);
    if (path === "order") {
      const executionArn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${claim.executionName}`;
      const { input } = await world.sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(JSON.parse(input ?? "")).toMatchObject({ correlationId });
    }
  });
});

describe("an order of ten items placed directly, of which two domains are taken", () => {
  const PRICE = 1_900;
  const taken = names("kokoelma", true, 2);
  const free = names("kokoelma", false, 8);
  const domains = [...free.slice(0, 3), ...taken.slice(0, 1), ...free.slice(3), ...taken.slice(1)];

  const itemOf = (domain: string, i: number): ItemDraft => {
    const { customerId, years, registrant, nameServers, requestId } = registration({ domain });
    const input = { customerId, domain, years, registrant, nameServers };
    return {
      ...{ itemId: `item-${i}`, route: "REGISTER_DOMAIN", action: "RegisterDomain", requestId },
      ...{ pinKey: domain, price: PRICE, input: JSON.parse(JSON.stringify(input)) },
    };
  };

  it("ends PARTIAL, with the sum of eight captured and each row true", async () => {
    const orderId = OrderId.parse(randomUUID());
    const authorisationId = `auth-${orderId}`;
    const items = domains.map(itemOf);
    const draft = { customerId: "cust-direct", payment: { authorisationId, amount: 10 * PRICE }, items };
    await world.payments.authorise(authorisationId, 10 * PRICE, orderId);
    const ids = { orderId, correlationId: CorrelationId.parse("direct") };
    const order = await placeOrder(composePlaceOrder(), draft, ids);
    // Placed twice, as a caller would who got no answer.
    await placeOrder(composePlaceOrder(), draft, ids);

    const executionArn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${order.executionName}`;
    const output = await eventually(
      "the order has ended",
      async () => (await world.sfn.send(new DescribeExecutionCommand({ executionArn }))).output,
    );
    const outcome = OrderOutcome.parse(JSON.parse(output));
    expect(outcome).toMatchObject({ status: "PARTIAL", charge: { kind: "capture", sum: 8 * PRICE } });
    expect(outcome.items.map((item) => item.itemId)).toEqual(items.map((item) => item.itemId));
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: 8 * PRICE });
    for (const [i, item] of order.items.entries()) {
      const refused = taken.includes(domains[i] ?? "");
      const row = await rowWhen(item.requestId, refused ? "FAILED" : "COMPLETED");
      expect(row).toMatchObject({ type: "REGISTER_DOMAIN", domain: domains[i], crossfadeFence: 7 });
      expect(row["errorCode"]).toBe(refused ? "DOMAIN_TAKEN" : undefined);
      expect(await ended(item)).toMatchObject({ orderOutcome: { status: refused ? "FAILED" : "COMPLETED" } });
      expect(commandsFor(item.requestId)).toHaveLength(1);
      // The pin comes free after the claim has ended, in a write of its own.
      await eventually(`the pin of ${item.requestId} to be free`, async () => {
        const { kind } = await world.claims.claim(aClaim("legacy", { pinKey: item.pinKey }));
        return kind === "claimed" ? kind : undefined;
      });
    }
    expect(await world.executionsNamed(order.executionName)).toBe(1);
  });
});

it("of all that, the counts and the index of claims in flight agree, route by route (P9)", async () => {
  await world.bridge.ledgerStream.caughtUp();
  const counts = new DynamoDbCounts(world.documents, world.bridge.ledgerTable);
  const sums = { received: 0, ended: 0, open: 0 };
  for (const route of webcat.routes.keys()) {
    const { entries, next } = await world.claims.inFlight(route, Date.now() + 3_600_000_000, 1_000);
    expect(next).toBeUndefined();
    const open = { legacy: 0, order: 0 };
    for (const { path } of entries) open[path]++;
    const kept = conservation(await counts.total(route));
    expect(conservationGap(kept, open), route).toBe(0);
    sums.received += kept.received;
    sums.ended += kept.ended;
    sums.open += open.legacy + open.order;
  }
  // One on each path and ten items have ended; ten claims were made to see whether a pin is free.
  expect(sums.ended).toBeGreaterThanOrEqual(12);
  expect(sums.open).toBeGreaterThanOrEqual(10);
  expect(sums.received).toBe(sums.ended + sums.open);
});
