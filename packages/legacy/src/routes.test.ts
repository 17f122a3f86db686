import { CorrelationId, type OrderInput, type Outcome, orderFromMessage } from "@crossfade/bridge";
import { judge, sampleOf } from "@crossfade/bridge/compare";
import { describe, expect, test } from "vitest";
import { Work, workOf } from "./actions.ts";
import { commandOf, DnsCommand, RegistryCommand, softError } from "./commands.ts";
import { LegacyMessage } from "./messages/index.ts";
import { webcat } from "./migration.ts";
import { sampleTraffic } from "./reference/sample-traffic.ts";
import { registerDomain } from "./routes.ts";

const messages = [...sampleTraffic({ seed: 3, messages: 200 })].flatMap((line) =>
  "body" in line ? [LegacyMessage.parse(line.body)] : [],
);
const correlationId = CorrelationId.parse("journey-1");

function orderOf(message: LegacyMessage): OrderInput {
  const parsed = webcat.routeOf(message).parse(message);
  return orderFromMessage("webcat", parsed.key, () => parsed.draft(), correlationId).order;
}

describe("the routes of WebCat", () => {
  test("every type has one", () => {
    expect(new Set(messages.map((message) => message.type))).toEqual(new Set(webcat.routes.keys()));
  });

  test("a message becomes an order of one item that is known by the request's id", () => {
    for (const message of messages) {
      const { customerId, items } = orderOf(message);
      expect(customerId).toBe(message.customerId);
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({
        ...{ itemId: message.requestId, requestId: message.requestId, route: message.type },
        input: { customerId: message.customerId, domain: message.domain },
      });
    }
  });

  test("the same message gives the same order", () => {
    for (const message of messages) expect(orderOf(structuredClone(message))).toEqual(orderOf(message));
  });

  test.each([
    ["REGISTER_DOMAIN", "RegisterDomain", true, true],
    ["RENEW_DOMAIN", "RenewDomain", true, true],
    ["REFRESH_DOMAIN", "RefreshDomain", false, false],
    ["UPDATE_DNS", "UpdateDns", true, false],
  ])("%s is done by %s (pinned %s, paid %s)", (type, action, pinned, paid) => {
    const some = messages.filter((message) => message.type === type);
    expect(some.length).toBeGreaterThan(5);
    for (const message of some) {
      const parsed = webcat.routeOf(message).parse(message);
      const { items, payment } = orderOf(message);
      expect(items[0]?.action).toBe(action);
      expect(parsed.cohortKey).toBe(message.customerId);
      expect(parsed.pinKey).toBe(pinned ? message.domain : undefined);
      expect(items[0]?.pinKey).toBe(parsed.pinKey);
      expect(payment).toEqual("payment" in message ? message.payment : undefined);
      expect(items[0]?.price).toBe(payment?.amount ?? 0);
      expect(payment !== undefined).toBe(paid);
    }
  });

  test("both paths tell the services the same", () => {
    for (const message of messages) {
      const item = orderOf(message).items[0];
      const work = Work.parse({ action: item?.action, input: item?.input });
      expect(work).toEqual(workOf(message));
      const { service, command } = commandOf(message.requestId, work);
      const schema = service === "dns" ? DnsCommand : RegistryCommand;
      expect(schema.parse(command)).toMatchObject({ requestId: message.requestId, domain: message.domain });
    }
  });
});

describe("how the outcomes of a registration are compared", () => {
  const outcome = (details: NonNullable<Outcome["effects"][number]["details"]>, target = "example.fi"): Outcome => ({
    status: "COMPLETED",
    effects: [{ service: "registry", command: "register", target, details }],
  });
  const refused = (code: string): Outcome => ({ status: "FAILED", Error: softError(code, "no"), effects: [] });
  const { compare } = registerDomain;
  const verdict = (old: Outcome, other: Outcome) => judge(old, other, compare, { late: false })?.verdict;
  const asked = { years: 1, nameServers: ["ns1.example.fi", "ns2.example.fi"] };

  test("results, times and wording are no ground for a mismatch, nor is the order of name servers", () => {
    const [effect] = outcome({ ...asked, nameServers: asked.nameServers.toReversed() }, "Example.FI.").effects;
    const other: Outcome = {
      status: "COMPLETED",
      effects: effect ? [{ ...effect, at: 1 }] : [],
      result: { serial: 2 },
    };
    expect(verdict(outcome(asked), other)).toBe("match");
    expect(
      verdict(refused("DOMAIN_TAKEN"), { ...refused("DOMAIN_TAKEN"), Error: softError("DOMAIN_TAKEN", "taken") }),
    ).toBe("match");
  });

  test("what only the registry can say is ignored; what the plan gets wrong is not", () => {
    expect(verdict(refused("DOMAIN_TAKEN"), outcome(asked))).toBe("ignored");
    expect(verdict(refused("SERVICE_UNAVAILABLE"), outcome(asked))).toBe("ignored");
    expect(verdict(outcome(asked), refused("DOMAIN_TAKEN"))).toBe("mismatch");
    expect(verdict(outcome(asked), outcome({ ...asked, years: 2 }))).toBe("mismatch");
    expect(verdict(outcome(asked), outcome({ ...asked, nameServers: ["ns1.example.fi"] }))).toBe("mismatch");
  });

  test("a registrant is not kept", () => {
    const old = outcome({ ...asked, registrant: { name: "Aino Aalto" } });
    const judged = judge(old, outcome(asked), compare, { late: false });
    const text = JSON.stringify(judged && sampleOf(old, outcome(asked), judged, compare));
    expect(text).toContain("registrant");
    expect(text).not.toContain("Aalto");
  });
});
