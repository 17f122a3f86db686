import { derivedUuid } from "@crossfade/bridge";
import type { DnsRecord, LegacyMessage } from "../messages/index.ts";
import { draw, pick } from "./draw.ts";
import { FAULTS, spoiled } from "./sample-faults.ts";
import type { SampleMessage, SampleSource } from "./sample-line.ts";
import { type Customer, customers, domainName } from "./sample-people.ts";

export interface SampleTrafficOptions {
  readonly seed: number;
  /** How many messages, the invalid ones included. */
  readonly messages: number;
}

type MessageType = LegacyMessage["type"];

/** Cents a year. */
const REGISTER_PRICE = 1290;
const RENEW_PRICE = 1190;

/** Out of a hundred messages. */
const INVALID_EVERY = 25;
const TWICE_ENCODED_SHARE = 0.03;
/** Share of the messages about a domain that was in use a moment ago: they must keep its path. */
const AGAIN_SHARE = 0.35;

const START = Date.UTC(2026, 2, 2, 8, 0, 0);
const DAY = 86_400_000;

const SOURCES: Readonly<Record<MessageType, SampleSource>> = {
  REGISTER_DOMAIN: "registrations",
  RENEW_DOMAIN: "registrations",
  REFRESH_DOMAIN: "refreshes",
  UPDATE_DNS: "dns",
};

/** 40 % registrations, 20 % renewals, 25 % refreshes, 15 % DNS updates. */
function typeOf(drawn: number): MessageType {
  if (drawn < 0.4) return "REGISTER_DOMAIN";
  if (drawn < 0.6) return "RENEW_DOMAIN";
  return drawn < 0.85 ? "REFRESH_DOMAIN" : "UPDATE_DNS";
}

interface Subject {
  readonly customer: Customer;
  readonly domain: string;
}

function records(domain: string, drawn: number): DnsRecord[] {
  const address = 1 + Math.floor(drawn * 250);
  const all: DnsRecord[] = [
    { name: "@", type: "A", value: `192.0.2.${address}`, ttl: 3600 },
    { name: "www", type: "CNAME", value: domain, ttl: 3600 },
    { name: "@", type: "MX", value: `10 mail.${domain}`, ttl: 3600 },
    { name: "@", type: "AAAA", value: `2001:db8::${address.toString(16)}`, ttl: 3600 },
    { name: "_dmarc", type: "TXT", value: "v=DMARC1; p=none", ttl: 600 },
  ];
  return all.slice(0, 1 + Math.floor(drawn * all.length));
}

function messageOf(seed: number, index: number, type: MessageType, { customer, domain }: Subject): LegacyMessage {
  const at = (name: string) => draw(seed, name, index);
  const id = (name: string) => derivedUuid("sample", name, String(seed), String(index));
  const sentAt = START + index * 700;
  const common = { requestId: id("request"), customerId: customer.customerId, domain };
  const requestedAt = new Date(sentAt).toISOString();
  const years = pick([1, 1, 1, 2, 3, 5, 10], at("years"));
  const payment = (price: number) => ({ authorisationId: `auth-${id("payment")}`, amount: price * years });
  switch (type) {
    case "REGISTER_DOMAIN": {
      const registrant = { name: customer.name, email: customer.email, country: "FI" };
      const nameServers = ["ns1.webcat.example", "ns2.webcat.example"];
      return { type, ...common, years, registrant, nameServers, payment: payment(REGISTER_PRICE), requestedAt };
    }
    case "RENEW_DOMAIN": {
      const currentExpiry = new Date(sentAt + (5 + Math.floor(at("expiry") * 85)) * DAY).toISOString().slice(0, 10);
      return { type, ...common, years, currentExpiry, payment: payment(RENEW_PRICE), requestedAt };
    }
    case "REFRESH_DOMAIN":
      return { type, ...common, requestedAt };
    case "UPDATE_DNS":
      return { type, ...common, records: records(domain, at("records")), requestedAt };
  }
}

/** Deterministic traffic as WebCat's shop would make it: the same options give the same messages. */
export function* sampleTraffic({ seed, messages }: SampleTrafficOptions): Generator<SampleMessage> {
  const people = customers(seed);
  const recent: Subject[] = [];
  for (let index = 0; index < messages; index++) {
    const at = (name: string) => draw(seed, name, index);
    const type = typeOf(at("type"));
    const customer = pick(people, at("customer"));
    const [first = domainName(seed, `n${index}`), ...others] = customer.domains;
    const again = recent[Math.floor(at("which") * recent.length)];
    const known = again !== undefined && at("again") < AGAIN_SHARE;
    const owned = known ? again : { customer, domain: pick([first, ...others], at("domain")) };
    const subject = type === "REGISTER_DOMAIN" ? { customer, domain: domainName(seed, `n${index}`) } : owned;
    const message = messageOf(seed, index, type, subject);
    const source = SOURCES[type];
    if (index % INVALID_EVERY === INVALID_EVERY - 1) {
      yield spoiled(FAULTS[Math.floor(index / INVALID_EVERY) % FAULTS.length] ?? FAULTS[0], message, source);
      continue;
    }
    recent.unshift(subject);
    recent.splice(4);
    const twice = at("twice") < TWICE_ENCODED_SHARE;
    yield twice ? { source, text: JSON.stringify(JSON.stringify(message)) } : { source, body: message };
  }
}
