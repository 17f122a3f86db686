import { randomUUID } from "node:crypto";
import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { CorrelationId, type ItemDraft, OrderId, OrderOutcome, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { draw } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { dnsUpdate, registration } from "./support/messages.ts";
import { LOCKED_RATE, NO_ZONE_RATE, type People, SEED, startPeople, TAKEN_RATE } from "./support/people.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let people: People;
beforeAll(async () => {
  world = await startWorld();
  people = await startPeople(world);
});
afterAll(async () => {
  await people.stop();
  await world.close();
});

/** What the simulated services will do about a name. */
interface Fate {
  readonly taken?: boolean;
  readonly locked?: boolean;
  readonly noZone?: boolean;
}

function nameWith({ taken = false, locked = false, noZone = false }: Fate): string {
  const happens = (what: string, name: string, rate: number) => draw(SEED, what, name) < rate;
  for (;;) {
    const name = `${randomUUID()}.fi`;
    const drawn = [
      happens("taken", name, TAKEN_RATE) === taken,
      happens("locked", name, LOCKED_RATE) === locked,
      happens("no-zone", name, NO_ZONE_RATE) === noZone,
    ];
    if (drawn.every(Boolean)) return name;
  }
}

const PRICE = 1_900;

function itemOf(fate: Fate, reverse: boolean, i: number): ItemDraft {
  const domain = nameWith(fate);
  const { customerId, years, registrant, nameServers, requestId } = registration({ domain });
  const input = { customerId, domain, years, registrant, nameServers, records: dnsUpdate()["records"] };
  return {
    ...{ itemId: `item-${i}`, route: "REGISTER_DOMAIN", action: "SetUpDomain", requestId, reverse },
    ...{ pinKey: domain, price: PRICE, input: JSON.parse(JSON.stringify(input)) },
  };
}

const commandsFor = (requestId: string) =>
  [...people.registry.commands(), ...people.dns.commands()]
    .filter((command) => command.requestId === requestId)
    .map(({ command, outcome }) => `${command} ${outcome}`);

describe("a registration whose DNS is set up with it (N17)", () => {
  const CASES = [
    ["all goes well", {}, true, undefined, ["register done", "update done"], ["register", "update"]],
    ["the name is taken", { taken: true }, true, "DOMAIN_TAKEN", ["register refused"], []],
    [
      "its DNS fails for good, and the route asks for a reversal",
      { noZone: true },
      true,
      "REVERSED_DNS_FAILED",
      ["register done", "release done", "update refused"],
      ["register", "release"],
    ],
    [
      "its DNS fails for good, and the route keeps the domain",
      { noZone: true },
      false,
      "PARTLY_DONE_DNS_FAILED",
      ["register done", "update refused"],
      ["register"],
    ],
    [
      "its DNS fails for good, and the registry does not take it back",
      { noZone: true, locked: true },
      true,
      "PARTLY_DONE_NOT_REVERSED",
      ["register done", "release refused", "update refused"],
      ["register"],
    ],
  ] as const;

  it("ends item by item as it should, and is charged for what is done alone (N6)", async () => {
    const orderId = OrderId.parse(randomUUID());
    const authorisationId = `auth-${orderId}`;
    const amount = CASES.length * PRICE;
    const items = CASES.map(([, fate, reverse], i) => itemOf(fate, reverse, i));
    await world.payments.authorise(authorisationId, amount, orderId);
    const draft = { customerId: "cust-direct", payment: { authorisationId, amount }, items };
    const ids = { orderId, correlationId: CorrelationId.parse("set-up") };
    const order = await placeOrder(composePlaceOrder(), draft, ids);
    const executionArn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${order.executionName}`;
    const output = await eventually(
      "the order has ended",
      async () => (await world.sfn.send(new DescribeExecutionCommand({ executionArn }))).output,
      60_000,
    );
    const outcome = OrderOutcome.parse(JSON.parse(output));
    for (const [i, [what, , , code, commands, effects]] of CASES.entries()) {
      const item = outcome.items[i];
      expect(item?.Error?.Code, what).toBe(code);
      expect(item?.status, what).toBe(code === undefined ? "COMPLETED" : "FAILED");
      expect(commandsFor(item?.requestId ?? "").toSorted(), what).toEqual(commands);
      expect(
        item?.effects.map((effect) => effect.command),
        what,
      ).toEqual(effects);
    }
    expect(outcome.items[2]?.Error?.Message).toBe(
      "the DNS set-up failed (ZONE_NOT_FOUND), and the registration was reversed",
    );
    expect(outcome.charge).toMatchObject({ kind: "capture", sum: PRICE });
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: PRICE });
    for (const [i, item] of order.items.entries()) {
      const row = await eventually("the row ends", async () => {
        const found = await world.tracking.read(item);
        return found?.["status"] === "COMPLETED" || found?.["status"] === "FAILED" ? found : undefined;
      });
      expect(row["errorCode"]).toBe(CASES[i]?.[3]);
    }
  });
});
