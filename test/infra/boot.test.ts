import { randomUUID } from "node:crypto";
import { ListExecutionsCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import {
  answerApproval,
  type Claim,
  CorrelationId,
  listApprovals,
  type OrderInput,
  PinKey,
  placeOrder,
  setGuard,
} from "@crossfade/bridge";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { hourKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { type CountedRoute, conservation, hourOf, merged, NO_ROUTE } from "@crossfade/bridge/compare";
import { GuardPolicy } from "@crossfade/bridge/guard";
import { composeApprovals, composePlaceOrder } from "@crossfade/functions/compose";
import { composeGuard } from "@crossfade/functions/compose-guard";
import { ShopOrder, shopDraft, webcat } from "@crossfade/legacy";
import {
  createPublisher,
  draw,
  type Publisher,
  type SimulatedService,
  startSimulatedRegistry,
} from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../integration/support/eventually.ts";
import {
  dnsUpdate,
  keyOfMessage,
  largeDnsUpdate,
  type Message,
  ON_LEGACY,
  ON_ORDER,
  registration,
  renewal,
} from "../integration/support/messages.ts";
import { NO_ZONE_RATE, type People, SEED, startPeople, TAKEN_RATE } from "../integration/support/people.ts";
import { depth } from "../integration/support/queues.ts";
import { aClaim } from "../integration/support/samples.ts";
import { type BootedWorld, bootWorld } from "./support/booted-world.ts";
import { arnOf, stackOf } from "./support/stack.ts";

/** Milliseconds; every function's bundle is loaded once, on a machine that is busy with other tests. */
const WITHIN = 60_000;

let world: BootedWorld;
let people: People;
let publisher: Publisher;
/** Asked by the check alone, which must know its address when it is deployed; it gives the same answers. */
let availability: SimulatedService;
let evidence: DynamoDbEvidence;
beforeAll(async () => {
  const stack = await stackOf("production");
  availability = await startSimulatedRegistry({ seed: SEED, takenRate: TAKEN_RATE });
  world = await bootWorld(stack, availability.url);
  const { sources, environment } = stack.deployed;
  const delegates = new Map(
    Object.entries(JSON.parse(environment["DELEGATES"] ?? "{}")).map(([route, url]) => [route, { url: String(url) }]),
  );
  const activity = (name: string) => arnOf(stack.one("activity", name));
  people = await startPeople({
    ...world,
    bridge: {
      activityArns: { registry: activity("registry"), dns: activity("dns") },
      env: world.workerEnv,
      delegates,
    },
    forwardUrl(name) {
      const forward = sources[name]?.forward;
      return forward !== undefined && "queueUrl" in forward ? forward.queueUrl : "";
    },
  });
  publisher = createPublisher({ ...world, clock: { now: () => Date.now() }, resources: world.legacy }, { lateRate: 0 });
  evidence = new DynamoDbEvidence(world.documents, environment["LEDGER_TABLE"] ?? "");
  await world.attach();
}, WITHIN);
afterAll(async () => {
  await people.stop();
  await Promise.all([world.close(), availability.stop()]);
});

/** A name that the registry has for sale, and whose zone the DNS service knows. */
function freeName(prefix: string): string {
  for (let i = 0; ; i++) {
    const name = `${prefix}-${i}.fi`;
    if (draw(SEED, "taken", name) >= TAKEN_RATE && draw(SEED, "notFound", name) >= NO_ZONE_RATE) return name;
  }
}

const publish = (source: "registrations" | "refreshes" | "dns", message: Message) =>
  publisher.publish({ source, body: JSON.parse(JSON.stringify(message)) }, `boot-${message.requestId}`);

const ended = (message: Message): Promise<Claim> =>
  eventually(
    `the claim of ${message.type} ends`,
    async () => {
      const claim = await world.claims.read(keyOfMessage(message));
      return claim?.endedAt === undefined ? undefined : claim;
    },
    WITHIN,
  );

const rowOf = (message: Message) => world.tracking.read(keyOfMessage(message));

/** Places an order of domains directly, its charge authorised. */
async function place(domains: readonly string[], price: number): Promise<OrderInput> {
  const orderId = randomUUID();
  const registrant = { name: "Aino Esimerkki", email: "aino@example.fi", country: "FI" };
  const nameServers = ["ns1.example.fi", "ns2.example.fi"];
  const items = domains.map((domain) => ({
    ...{ itemId: domain, requestId: randomUUID(), action: "RegisterDomain", price },
    input: { domain, years: 1, registrant, nameServers },
  }));
  const payment = { authorisationId: `auth-${orderId}`, amount: domains.length * price };
  await world.payments.authorise(payment.authorisationId, payment.amount, orderId);
  const wish = ShopOrder.parse({ orderId, customerId: "cust-suora", payment, items });
  const ids = { orderId: wish.orderId, correlationId: CorrelationId.parse(orderId) };
  return placeOrder(composePlaceOrder(), shopDraft(wish), ids);
}

/** Somebody works on that domain on the legacy path, and does not end. */
const hold = (domain: string) => world.claims.claim(aClaim("legacy", { pinKey: PinKey.parse(domain) }));

/** An order whose Action has begun, and waits for a domain that another holds. */
async function orderThatWaits(name: string): Promise<OrderInput> {
  const domain = freeName(name);
  await hold(domain);
  const order = await place([domain], 1_290);
  const stateMachineArn = arnOf(world.stack.one("machine", "RegisterDomain"));
  await eventually(
    "its Action begins",
    async () => {
      const { executions = [] } = await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      return executions.find((execution) => execution.name?.startsWith(order.items[0]?.executionName ?? "?"));
    },
    WITHIN,
  );
  return order;
}

const stop = ({ executionName }: OrderInput) => {
  const stem = arnOf(world.stack.one("machine", "Order")).replace(":stateMachine:", ":execution:");
  return world.sfn.send(new StopExecutionCommand({ executionArn: `${stem}:${executionName}`, error: "Stopped" }));
};

const chargeIs = (authorisationId: string | undefined, state: string) =>
  eventually(
    `the charge is ${state}`,
    async () => ((await world.payments.read(authorisationId ?? ""))?.state === state ? true : undefined),
    WITHIN,
  );

async function settled(order: OrderInput): Promise<void> {
  await chargeIs(order.payment?.authorisationId, "cancelled");
  const [item] = order.items;
  await eventually(
    "its claim ends",
    async () => (item && (await world.claims.read(item))?.endedAt !== undefined ? true : undefined),
    WITHIN,
  );
  expect(item && (await world.tracking.read(item))).toMatchObject({ status: "FAILED", crossfadeFence: 7 });
}

describe("the graph as it is synthesised, with its real bundles and its policies in force", { timeout: WITHIN }, () => {
  test("carries a message on the legacy path to its end", async () => {
    const message = registration({ customerId: ON_LEGACY, domain: freeName("vanha") });
    await publish("registrations", message);
    expect(await ended(message)).toMatchObject({ path: "legacy", legacyOutcome: { status: "COMPLETED" } });
  });

  test("carries a message on the order path to its end, and to the old table; its charge is captured", async () => {
    const authorisationId = `auth-${randomUUID()}`;
    const payment = { authorisationId, amount: 1_290 };
    const message = registration({ customerId: ON_ORDER, domain: freeName("uusi"), payment });
    await publish("registrations", message);
    expect(await ended(message)).toMatchObject({ path: "order", orderOutcome: { status: "COMPLETED" } });
    expect(await rowOf(message)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: 1_290 });
  });

  test("delegates, with an input that travels by claim check, and ends by the row", async () => {
    const message = largeDnsUpdate({ customerId: ON_ORDER, domain: freeName("vyohyke") });
    await publish("dns", message);
    expect(await ended(message)).toMatchObject({
      ...{ path: "order", integration: "delegate" },
      orderOutcome: { status: "COMPLETED" },
    });
  });

  test("a domain that is worked on the legacy path stays there", async () => {
    const domain = freeName("varattu");
    await hold(domain);
    const message = registration({ customerId: ON_ORDER, domain });
    await publish("registrations", message);
    expect(await ended(message)).toMatchObject({ path: "legacy" });
  });

  test("settles an order that is stopped: its charge, its row, and why, down to the Action", async () => {
    const order = await orderThatWaits("pysayta");
    await stop(order);
    await settled(order);
    const record = await eventually("why is kept", () => evidence.read(order.orderId), WITHIN);
    expect(record).toMatchObject({ status: "ABORTED", action: { failedState: "Register the domain" } });
  });

  test("settles it on its schedule, where every event of it is lost", async () => {
    world.events.lost = true;
    const order = await orderThatWaits("kadonnut");
    await stop(order);
    await world.cloud.eventsSettled();
    world.events.lost = false;
    await eventually(
      "reconcile settles it",
      async () => {
        expect(await world.invoke("reconcile", {})).toMatchObject({ failed: 0 });
        return (await world.payments.read(order.payment?.authorisationId ?? ""))?.state === "cancelled" || undefined;
      },
      WITHIN,
      1_000,
    );
    await settled(order);
  });

  test("checks an order that is placed directly, asks for approval, and goes on when it is given", async () => {
    const { orderId, payment } = await place(
      ["a", "b", "c"].map((letter) => freeName(`suuri-${letter}`)),
      20_000,
    );
    const approvals = composeApprovals();
    await eventually(
      "somebody is asked",
      async () => {
        const { entries } = await listApprovals(approvals, 100);
        return entries.find(({ question }) => question.orderId === orderId);
      },
      WITHIN,
    );
    await answerApproval(approvals, orderId, { approved: true, by: "Aino", reason: "known" });
    await chargeIs(payment?.authorisationId, "captured");
  });

  test.each([
    ["by its event", false],
    ["on its schedule, where every event of it is lost", true],
  ])("plans a message in shadow, with an input that travels by claim check, and keeps the plan %s", async (_, lost) => {
    const rollouts = new DynamoDbRollouts(world.documents, world.stack.deployed.environment["LEDGER_TABLE"] ?? "");
    const message = largeDnsUpdate({ customerId: ON_ORDER });
    const { route } = keyOfMessage(message);
    const rollout = await rollouts.read(route);
    const inShadow = { ...rollout, stage: "shadow" as const, version: rollout.version + 1 };
    await rollouts.write(inShadow, { by: "test", reason: "shadow", at: Date.now() });
    world.events.lost = lost;
    await publish("dns", message);
    const claim = await eventually(
      "the plan is in the claim",
      async () => {
        if (lost) expect(await world.invoke("reconcile", {})).toMatchObject({ failed: 0 });
        const seen = await world.claims.read(keyOfMessage(message));
        return seen?.shadow?.endedAt === undefined ? undefined : seen;
      },
      WITHIN,
      250,
    );
    world.events.lost = false;
    expect(claim).toMatchObject({ path: "legacy", shadow: { outcome: { status: "COMPLETED" } } });
    expect(await rowOf(message)).toMatchObject({ status: "RECEIVED" });
  });

  test("guards a route: reads its counts, holds, and rolls it back, by what its role allows", async () => {
    const { deps } = composeGuard();
    const { route } = keyOfMessage(renewal());
    const { version, ...rollout } = await deps.rollouts.read(route);
    const table = world.stack.deployed.environment["LEDGER_TABLE"] ?? "";
    const raised = { ...rollout, stage: "split" as const, percentage: 5, version: version + 1 };
    await new DynamoDbRollouts(world.documents, table).write(raised, { by: "test", reason: "raised", at: Date.now() });
    const policy = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 5 }] });
    await setGuard(deps, route, { policy, version: version + 1, reason: "look after it" }, "test");
    expect(await world.invoke("guard", {})).toMatchObject({ looked: 1, rolledBack: 0, failed: 0 });
    await world.documents.send(
      new UpdateCommand({
        TableName: table,
        Key: hourKey(route, hourOf(Date.now())),
        UpdateExpression: "ADD #completed :thousand, #failed :thousand",
        ExpressionAttributeNames: { "#completed": "ended.legacy.COMPLETED", "#failed": "ended.order.FAILED" },
        ExpressionAttributeValues: { ":thousand": 1_000 },
      }),
    );
    expect(await world.invoke("guard", {})).toMatchObject({ looked: 1, rolledBack: 1, failed: 0 });
    expect(await deps.rollouts.read(route)).toMatchObject({ stage: "legacy", percentage: 0, version: version + 2 });
    expect(await world.invoke("guard", {})).toMatchObject({ looked: 1, rolledBack: 0, failed: 0 });
  });

  test("keeps what is no message in quarantine, and what the legacy service gives up of delegated work", async () => {
    const { sqs, legacy, stack } = world;
    const { quarantine, "delegate-update-dns": given } = stack.deployed.deadLetters;
    await sqs.send(new SendMessageCommand({ QueueUrl: legacy.refreshes.queueUrl, MessageBody: "no message" }));
    const ids = { MessageGroupId: "g", MessageDeduplicationId: randomUUID() };
    const MessageBody = JSON.stringify(dnsUpdate({ customerId: ON_ORDER }));
    await sqs.send(new SendMessageCommand({ QueueUrl: given?.queueUrl, MessageBody, ...ids }));
    await eventually(
      "both are in quarantine",
      async () => ((await depth(sqs, quarantine?.queueUrl ?? "")) === 2 ? true : undefined),
      WITHIN,
    );
  });
});

describe("counting", { timeout: WITHIN }, () => {
  test("has counted every claim, every end and every refusal of all that (P9)", async () => {
    const table = world.stack.deployed.environment["LEDGER_TABLE"] ?? "";
    const counts = new DynamoDbCounts(world.documents, table);
    const routes: readonly CountedRoute[] = [...webcat.routes.keys(), NO_ROUTE];
    await eventually(
      "the counts are what the ledger holds",
      async () => {
        const { Items = [] } = await world.documents.send(new ScanCommand({ TableName: table }));
        const claims = Items.filter(({ sk }) => sk === "CLAIM");
        const open = claims.filter(({ endedAt }) => endedAt === undefined);
        const refused = Items.filter(({ sk }) => sk === "REJECTED");
        const totals = await Promise.all(routes.map((route) => counts.total(route)));
        const { received, ended, rejected, inFlight } = conservation(merged(...totals));
        const sums = [received, ended, rejected, inFlight.legacy + inFlight.order];
        const held = [claims.length + refused.length, claims.length - open.length, refused.length, open.length];
        expect(refused).toHaveLength(1);
        return JSON.stringify(sums) === JSON.stringify(held) || undefined;
      },
      WITHIN,
      250,
    );
  });

  test("looks for comparisons that lack a side, on its schedule", async () => {
    expect(await world.invoke("overdue", {})).toMatchObject({ judged: 0, failed: 0 });
  });
});

describe("policies", () => {
  test("allow every call that was made", () => {
    expect(world.permissions.denied).toEqual([]);
  });

  test("were asked: every function and the workers made calls, but the check that asks the registry alone", () => {
    const callers = new Set([...world.permissions.used].map((each) => each.split(" ")[0]));
    const called = world.stack.all("function").map(({ inputs }) => String(inputs["name"]));
    const calling = called.filter((name) => !name.endsWith("-check-availability"));
    expect([...callers].sort()).toEqual([...calling, "worker"].sort());
  });
});
