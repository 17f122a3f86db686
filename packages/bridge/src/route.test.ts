import { describe, expect, it } from "vitest";
import * as z from "zod";
import { RouteType } from "./ids.ts";
import type { OrderDraft } from "./order.ts";
import { defineMigration, defineRoute, type RouteDefinition, type TrackingContract } from "./route.ts";
import { bridgeError } from "./testing.ts";

const Message = z.strictObject({
  type: z.literal("REGISTER_DOMAIN"),
  requestId: z.string(),
  customer: z.string(),
  domain: z.string(),
  years: z.int().max(10),
  country: z.enum(["FI", "SE"]),
  contacts: z.array(z.strictObject({ email: z.string() })).default([]),
});
type Message = z.infer<typeof Message>;

const body = {
  type: "REGISTER_DOMAIN",
  requestId: "r1",
  customer: "cust-1",
  domain: "example.fi",
  years: 1,
  country: "FI",
};
const draft: OrderDraft = { customerId: "cust-1", items: [] };

const define = (given: Partial<RouteDefinition<Message>> = {}) =>
  defineRoute<Message>({
    type: "REGISTER_DOMAIN",
    message: Message,
    requestId: (message) => message.requestId,
    cohort: (message) => message.customer,
    pin: (message) => message.domain,
    toOrder: () => draft,
    toTracking: (item) => ({ status: item.status }),
    legacyOutcome: () => undefined,
    ...given,
  });

const tracking: TrackingContract = {
  keyAttribute: "requestId",
  fenceAttribute: "fence",
  endAttributes: [],
  read: () => undefined,
  received: () => ({}),
  working: () => ({}),
};
const migrationOf = (types: readonly string[], given: { name?: string; typeField?: string } = {}) =>
  defineMigration({ name: "webcat", tracking, routes: types.map((type) => define({ type })), ...given });

describe("the pin of a message's items", () => {
  const item = (pinKey?: string) => ({
    ...{ itemId: "i", route: "REGISTER_DOMAIN", requestId: "r1", action: "RegisterDomain", input: {} },
    ...(pinKey !== undefined && { pinKey }),
  });
  const pinsOf = (items: readonly OrderDraft["items"][number][], given: Partial<RouteDefinition<Message>> = {}) =>
    define({ toOrder: () => ({ ...draft, items }), ...given })
      .parse(body)
      .draft()
      .items.map(({ pinKey }) => pinKey);

  it("is the message's, whether they repeat it or not", () => {
    expect(pinsOf([item(), item("example.fi")])).toEqual(["example.fi", "example.fi"]);
  });

  it("is no other: the claim would hold a pin that the work does not stand under", () => {
    expect(() => pinsOf([item(), item("other.fi")])).toThrow(/pin says of the message/);
  });

  it("is none where the route has none", () => {
    const route = defineRoute<Message>({
      type: "REGISTER_DOMAIN",
      message: Message,
      requestId: (message) => message.requestId,
      cohort: (message) => message.customer,
      toOrder: () => ({ ...draft, items: [item()] }),
      toTracking: () => ({}),
      legacyOutcome: () => undefined,
    });
    expect(route.parse(body).draft().items[0]).not.toHaveProperty("pinKey");
  });
});

describe("a message that passes its schema", () => {
  it("says its key, its cohort and its pin", () => {
    expect(define().parse(body)).toMatchObject({
      key: { route: "REGISTER_DOMAIN", requestId: "r1" },
      cohortKey: "cust-1",
      pinKey: "example.fi",
    });
  });

  it("has no pin where the route names none", () => {
    const unpinned = defineRoute<Message>({
      type: "REGISTER_DOMAIN",
      message: Message,
      requestId: (message) => message.requestId,
      cohort: (message) => message.customer,
      toOrder: () => draft,
      toTracking: () => ({}),
      legacyOutcome: () => undefined,
    });
    expect(unpinned.parse(body).pinKey).toBeUndefined();
  });

  it("has a hash of what it says, not of how it was written", () => {
    const { parse } = define();
    const hash = parse(body).bodyHash;
    expect(parse(Object.fromEntries(Object.entries(body).reverse())).bodyHash).toBe(hash);
    expect(parse({ ...body, contacts: [] }).bodyHash).toBe(hash);
    expect(parse({ ...body, years: 2 }).bodyHash).not.toBe(hash);
  });

  it("is translated only when its order is asked for, so that a faulty translation cannot stop the legacy path", () => {
    let translations = 0;
    const toOrder = (): OrderDraft => {
      translations++;
      throw new Error("faulty");
    };
    const message = define({ toOrder }).parse(body);
    expect(translations).toBe(0);
    expect(() => message.draft()).toThrow("faulty");
    expect(translations).toBe(1);
  });
});

describe("a message that does not is refused, with its field and the rule", () => {
  const { country: _, ...missing } = body;

  it.each([
    ["missing", missing, "country", /FI.*SE/],
    ["an extra one", { ...body, colour: "red" }, "colour", /[Uu]nrecognized key/],
    ["an extra one, deep inside", { ...body, contacts: [{ email: "a", phone: "1" }] }, "contacts.0.phone", /key/],
    ["none of its values", { ...body, country: "NO" }, "country", /FI.*SE/],
    ["of the wrong type", { ...body, years: "1" }, "years", /number/],
    ["above its limit", { ...body, years: 11 }, "years", /10/],
  ])("%s", (_, wrong, field, rule) => {
    const refuse = () => define().parse(wrong);
    expect(refuse).toThrow(bridgeError("INVALID_MESSAGE", "reject", field));
    expect(refuse).toThrow(rule);
    expect(refuse).toThrow(`REGISTER_DOMAIN: ${field}: `);
  });

  it.each([[null], ["text"], [[]]])("%j: the message itself", (wrong) => {
    expect(() => define().parse(wrong)).toThrow(bridgeError("INVALID_MESSAGE", "reject", ""));
    expect(() => define().parse(wrong)).toThrow("REGISTER_DOMAIN: message: ");
  });

  it.each([
    ["requestId", { requestId: "r".repeat(200) }, { requestId: "r".repeat(201) }],
    ["requestId", { requestId: "r" }, { requestId: "" }],
    ["cohort", { customer: "c".repeat(512) }, { customer: "c".repeat(513) }],
    ["cohort", { customer: "c" }, { customer: "" }],
    ["pin", { domain: "d".repeat(512) }, { domain: "d".repeat(513) }],
    ["pin", { domain: "d" }, { domain: "" }],
  ])("a %s beyond the bridge's own limits", (field, within, beyond) => {
    expect(define().parse({ ...body, ...within }).key.route).toBe("REGISTER_DOMAIN");
    expect(() => define().parse({ ...body, ...beyond })).toThrow(bridgeError("INVALID_MESSAGE", "reject", field));
  });
});

describe("a migration", () => {
  const migration = migrationOf(["REGISTER_DOMAIN", "RENEW_DOMAIN"]);

  it("finds the route of a message by its type", () => {
    expect(migration.routeOf({ type: "RENEW_DOMAIN" }).type).toBe("RENEW_DOMAIN");
    expect(migrationOf(["RENEW_DOMAIN"], { typeField: "kind" }).routeOf({ kind: "RENEW_DOMAIN" }).type).toBe(
      "RENEW_DOMAIN",
    );
  });

  it.each([
    [{ type: "DELETE_DOMAIN" }],
    [{ type: "register_domain" }],
    [{ type: "REGISTER_DOMAIN " }],
    [{ type: "constructor" }],
    [{ type: null }],
    [{ type: ["REGISTER_DOMAIN"] }],
    [{ kind: "REGISTER_DOMAIN" }],
    [{}],
  ])("has no route for %j, and names the field", (unknown) => {
    expect(() => migration.routeOf(unknown)).toThrow(bridgeError("UNKNOWN_TYPE", "reject", "type"));
  });

  it("names the field of its own, and quotes no more than 80 characters", () => {
    const long = migrationOf([], { typeField: "kind" });
    expect(() => long.routeOf({ kind: "X".repeat(1000) })).toThrow(bridgeError("UNKNOWN_TYPE", "reject", "kind"));
    expect(() => long.routeOf({ kind: "X".repeat(1000) })).toThrow(/^.{1,120}$/);
  });

  it("has no route for a type that nobody defined", () => {
    expect(() => migration.route(RouteType.parse("DELETE_DOMAIN"))).toThrow(bridgeError("UNKNOWN_TYPE", "reject"));
  });

  it("refuses two routes of one type", () => {
    expect(() => migrationOf(["RENEW_DOMAIN", "RENEW_DOMAIN"])).toThrow(TypeError);
  });

  it.each(["webcat", "w", "w-2", `w${"a".repeat(29)}`])("may be called %s", (name) => {
    expect(migrationOf([], { name }).name).toBe(name);
  });

  it.each(["", "Webcat", "2w", "-w", "w_c", "w c", "webcat\n", `w${"a".repeat(30)}`])(
    "may not be called %j",
    (name) => {
      expect(() => migrationOf([], { name })).toThrow(TypeError);
    },
  );

  it.each(["", "register", "REGISTER-DOMAIN", "2REGISTER", "R".repeat(65)])("has no route called %j", (type) => {
    expect(() => define({ type })).toThrow();
  });
});

describe("what a route says about comparing", () => {
  it("is checked when the route is defined", () => {
    const misspelt = { ignored: ["result"] } as RouteDefinition<Message>["compare"] & object;
    expect(() => define({ compare: misspelt })).toThrow();
    expect(() => define({ compare: { ignore: ["effects..at"] } })).toThrow("effects..at");
    expect(define().compare.ignore).toEqual([]);
    expect(define({ compare: { ignore: ["result"] } }).compare.ignore.map(({ text }) => text)).toEqual(["result"]);
  });
});

describe("a route whose own function throws on a message", () => {
  const fail = (): string => {
    throw new TypeError("no such thing");
  };

  it.each(["requestId", "cohort", "pin"])(
    "refuses the message and names %s, since it would throw again (P10)",
    (field) => {
      expect(() => define({ [field]: fail }).parse(body)).toThrow(bridgeError("INVALID_MESSAGE", "reject", field));
    },
  );
});
