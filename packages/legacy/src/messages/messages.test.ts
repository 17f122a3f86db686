import { describe, expect, test } from "vitest";
import { LegacyMessage } from "./index.ts";

const common = {
  requestId: "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0",
  customerId: "cust-1001",
  domain: "example.fi",
  requestedAt: "2026-03-02T09:30:00.000Z",
};
const payment = { authorisationId: "auth-1", amount: 1290 };
const registrant = { name: "Aino Aalto", email: "aino@example.fi", country: "FI" };
const record = { name: "@", type: "A", value: "192.0.2.1", ttl: 3600 };
const servers = (count: number) => Array.from({ length: count }, (_, n) => `ns${n}.example.fi`);

const register = { ...common, type: "REGISTER_DOMAIN", years: 1, registrant, nameServers: servers(2), payment };
const renew = { ...common, type: "RENEW_DOMAIN", years: 1, currentExpiry: "2026-04-01", payment };
const refresh = { ...common, type: "REFRESH_DOMAIN" };
const update = { ...common, type: "UPDATE_DNS", records: [record] };

const fieldOf = (message: unknown) => LegacyMessage.safeParse(message).error?.issues[0]?.path.join(".");
const withRecord = (changes: object) => ({ ...update, records: [{ ...record, ...changes }] });

describe("a message that keeps every rule", () => {
  test.each([
    ["a registration", register],
    ["a renewal", renew],
    ["a refresh", refresh],
    ["a DNS update", update],
    ["one year", { ...register, years: 1 }],
    ["ten years", { ...register, years: 10 }],
    ["thirteen name servers", { ...register, nameServers: servers(13) }],
    ["a free charge", { ...register, payment: { ...payment, amount: 0 } }],
    ["the largest charge", { ...register, payment: { ...payment, amount: 99_999_999 } }],
    ["fifty records", { ...update, records: Array(50).fill(record) }],
    ["the shortest time to live", withRecord({ ttl: 60 })],
    ["the longest time to live", withRecord({ ttl: 604_800 })],
    ["an AAAA record", withRecord({ type: "AAAA", value: "2001:db8::1" })],
    ["a CNAME record", withRecord({ name: "www", type: "CNAME", value: "example.fi" })],
    ["an MX record", withRecord({ type: "MX", value: "65535 mail.example.fi" })],
    ["a TXT record of 255 characters", withRecord({ name: "_dmarc", type: "TXT", value: "x".repeat(255) })],
    ["an NS record", withRecord({ name: "*.sub", type: "NS", value: "ns1.example.fi" })],
  ])("%s passes", (_, message) => {
    expect(LegacyMessage.safeParse(message).success).toBe(true);
  });
});

describe("a message that breaks one rule", () => {
  test.each([
    ["type", { ...refresh, type: "TRANSFER_DOMAIN" }],
    ["requestId", { ...refresh, requestId: "17" }],
    ["customerId", { ...refresh, customerId: "1001" }],
    ["customerId", { ...refresh, customerId: "cust-" }],
    ["domain", { ...refresh, domain: "example" }],
    ["requestedAt", { ...refresh, requestedAt: "2026-03-02 09:30" }],
    ["requestedAt", { ...refresh, requestedAt: "2026-03-02T09:30:00+02:00" }],
    ["years", { ...register, years: 0 }],
    ["years", { ...register, years: 11 }],
    ["years", { ...renew, years: 1.5 }],
    ["currentExpiry", { ...renew, currentExpiry: "2026-02-30" }],
    ["nameServers", { ...register, nameServers: servers(1) }],
    ["nameServers", { ...register, nameServers: servers(14) }],
    ["nameServers.0", { ...register, nameServers: ["ns1", "ns2.example.fi"] }],
    ["registrant.email", { ...register, registrant: { ...registrant, email: "aino" } }],
    ["registrant.country", { ...register, registrant: { ...registrant, country: "fi" } }],
    ["payment.amount", { ...register, payment: { ...payment, amount: -1 } }],
    ["payment.amount", { ...register, payment: { ...payment, amount: 100_000_000 } }],
    ["payment", { ...common, type: "RENEW_DOMAIN", years: 1, currentExpiry: "2026-04-01" }],
    ["", { ...update, payment }],
    ["records", { ...update, records: [] }],
    ["records", { ...update, records: Array(51).fill(record) }],
    ["records.0.type", withRecord({ type: "SRV" })],
    ["records.0.ttl", withRecord({ ttl: 59 })],
    ["records.0.ttl", withRecord({ ttl: 604_801 })],
    ["records.0.name", withRecord({ name: "a b" })],
    ["records.0.value", withRecord({ value: "2001:db8::1" })],
    ["records.0.value", withRecord({ type: "AAAA", value: "192.0.2.1" })],
    ["records.0.value", withRecord({ type: "MX", value: "mail.example.fi" })],
    ["records.0.value", withRecord({ type: "MX", value: "65536 mail.example.fi" })],
    ["records.0.value", withRecord({ type: "TXT", value: "x".repeat(256) })],
  ])("is refused at %j (%#)", (field, message) => {
    expect(fieldOf(message)).toBe(field);
  });
});
