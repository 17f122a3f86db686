import {
  CorrelationId,
  type Effect,
  type OrderDraft,
  planOrder,
  RequestId,
  RouteType,
  shadowFromMessage,
} from "@crossfade/bridge";
import { describe, expect, test } from "vitest";
import { contract } from "./contract.ts";
import { LegacyMessage } from "./messages/index.ts";
import { plan } from "./plan.ts";

const requestId = "0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11";
const common = { requestId, customerId: "cust-1", domain: "example.fi", requestedAt: "2026-03-02T09:30:00.000Z" };
const payment = { authorisationId: "auth-1", amount: 2_580 };
const nameServers = ["ns1.example.fi", "ns2.example.fi", "ns3.example.fi"];
const record = { name: "@", type: "A", value: "192.0.2.1", ttl: 3_600 };

const register = LegacyMessage.parse({
  ...{ type: "REGISTER_DOMAIN", ...common, years: 2, nameServers, payment },
  registrant: { name: "Åke", email: "ake@example.fi", country: "FI" },
});
const renew = LegacyMessage.parse({ type: "RENEW_DOMAIN", ...common, years: 2, currentExpiry: "2026-12-24", payment });
const refresh = LegacyMessage.parse({ type: "REFRESH_DOMAIN", ...common });
const update = LegacyMessage.parse({ type: "UPDATE_DNS", ...common, records: [record, { ...record, ttl: 60 }] });

/** What the old service left in the row of each. */
const done = { domain: "example.fi", expiresAt: "2028-12-24" };
const RESULTS = {
  REGISTER_DOMAIN: { ...done, years: 2, nameServers, charged: payment },
  RENEW_DOMAIN: { ...done, years: 2, currentExpiry: "2026-12-24", charged: payment },
  REFRESH_DOMAIN: done,
  UPDATE_DNS: { domain: "example.fi", records: 2, serial: 7 },
};

const routeOf = ({ type }: LegacyMessage) => contract.migration.route(RouteType.parse(type));
const deedOf = (message: LegacyMessage): readonly Effect[] | undefined =>
  routeOf(message).legacyOutcome({ status: "COMPLETED", result: RESULTS[message.type] })?.effects;

type Item = OrderDraft["items"][number];
type Fault = (draft: OrderDraft, item: Item) => OrderDraft;

/** What is planned of a message, by a translation with that fault. */
async function planOf(message: LegacyMessage, fault: Fault = (draft) => draft): Promise<readonly Effect[] | undefined> {
  const key = { route: RouteType.parse(message.type), requestId: RequestId.parse(requestId) };
  const sound = routeOf(message).parse(message).draft();
  const draft = () => sound.items.reduce(fault, sound);
  const { order } = shadowFromMessage("webcat", key, draft, CorrelationId.parse("c"));
  const payloads = { get: async () => ({ kind: "missing" as const }) };
  return (await planOrder({ plan: contract.plan, payloads }, order)).items[0]?.effects;
}

describe("plan and deed (X3)", () => {
  test.each([register, renew, refresh, update])("are the same of a sound translation of $type", async (message) => {
    const deed = deedOf(message);
    expect(deed?.length).toBeGreaterThan(0);
    expect(await planOf(message)).toEqual(deed);
  });

  const input =
    (change: (input: Item["input"]) => Item["input"]): Fault =>
    (draft, item) => ({ ...draft, items: [{ ...item, input: { ...item.input, ...change(item.input) } }] });
  const priced =
    (price: number): Fault =>
    (draft, item) => ({ ...draft, items: [{ ...item, price }] });

  test.each([
    ["loses a name server", register, input(() => ({ nameServers: nameServers.slice(1) }))],
    ["turns the name servers", register, input(() => ({ nameServers: nameServers.toReversed() }))],
    ["has a year too few", register, input(() => ({ years: 1 }))],
    ["has the price in whole euros", register, priced(25)],
    ["forgets the price", renew, priced(0)],
    [
      "charges somebody else",
      renew,
      (draft: OrderDraft) => ({ ...draft, payment: { authorisationId: "auth-2", amount: 2_580 } }),
    ],
    ["is a day off", renew, input(() => ({ currentExpiry: "2026-12-23" }))],
    ["has another domain", refresh, input(() => ({ domain: "example.se" }))],
    ["loses a record", update, input(() => ({ records: [record] }))],
  ] as const)("differ of a translation that %s", async (_, message, fault) => {
    expect(await planOf(message, fault)).not.toEqual(deedOf(message));
  });
});

test("a set-up plans its two commands, and no reversal", () => {
  const { registrant } = register.type === "REGISTER_DOMAIN" ? register : { registrant: undefined };
  const whole = { customerId: "cust-1", domain: "example.fi", years: 2, registrant: { ...registrant }, nameServers };
  const item = { requestId: RequestId.parse(requestId), action: "SetUpDomain", input: { ...whole, records: [record] } };
  expect(plan(item).effects).toEqual([
    { service: "registry", command: "register", target: "example.fi", details: { years: 2, nameServers } },
    { service: "dns", command: "update", target: "example.fi", details: { records: 1 } },
  ]);
});

test.each([
  ["an Action that there is none of", "SellDomain", { customerId: "cust-1", domain: "example.fi" }],
  ["an input that its Action does not take", "RefreshDomain", { domain: "example.fi" }],
])("%s is refused", (_, action, input) => {
  expect(() => plan({ requestId: RequestId.parse(requestId), action, input })).toThrow();
});
