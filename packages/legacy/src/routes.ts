import { defineRoute, type ItemDraft, type Outcome } from "@crossfade/bridge";
import {
  refreshDomainWork,
  registerDomainWork,
  renewDomainWork,
  UpdateDnsInput,
  updateDnsWork,
  type Work,
} from "./actions.ts";
import type { RefusalCode } from "./commands.ts";
import {
  type LegacyMessage,
  RefreshDomainMessage,
  RegisterDomainMessage,
  RenewDomainMessage,
  UpdateDnsMessage,
} from "./messages/index.ts";
import { legacyOutcome, toTracking } from "./outcomes.ts";
import { rowTime } from "./tracking.ts";

/** Host names and domains mean the same in any case, and with the dot of the root behind them. */
const nameAsAsked = (name: string): string => name.toLowerCase().replace(/\.$/, "");

const clean = (outcome: Outcome): Outcome => ({
  ...outcome,
  effects: outcome.effects.map((effect) => ({ ...effect, target: nameAsAsked(effect.target) })),
});

/** What the service may answer on either path, and a plan cannot know: its refusals, and that it was away. */
const comparing = (...refusals: readonly RefusalCode[]) => ({
  // An expiry or a serial depends on everything that came before, so results are no ground for a mismatch.
  ignore: ["effects.*.at", "result", "resultCheck", "Error.Message"],
  // A zone's name servers and records are sets.
  unordered: ["effects.*.details.nameServers", "effects.*.details.records"],
  personal: ["effects.*.details.registrant", "result.registrant"],
  unforeseen: [...refusals, "SERVICE_UNAVAILABLE"],
  clean,
});

/** In cents: no single registration costs so much (ten years are 129.00), an order of many domains may. */
const APPROVE_OVER = 50_000;

/** A legacy message asks for one thing: one item, known by the request's own id. */
const itemOf = ({ requestId, type }: LegacyMessage, work: Work): ItemDraft => ({
  itemId: requestId,
  route: type,
  requestId,
  ...work,
});

/** A paid message whose domain must stay on its path while it is worked on. */
const paidOrder = (message: RegisterDomainMessage | RenewDomainMessage, work: Work) => ({
  customerId: message.customerId,
  payment: message.payment,
  items: [{ ...itemOf(message, work), pinKey: message.domain, price: message.payment.amount }],
});

export const registerDomain = defineRoute({
  type: "REGISTER_DOMAIN",
  message: RegisterDomainMessage,
  requestId: (message) => message.requestId,
  cohort: (message) => message.customerId,
  pin: (message) => message.domain,
  toOrder: (message) => paidOrder(message, registerDomainWork(message)),
  toTracking,
  legacyOutcome: legacyOutcome("RegisterDomain"),
  compare: comparing("DOMAIN_TAKEN"),
  approveOver: APPROVE_OVER,
});

export const renewDomain = defineRoute({
  type: "RENEW_DOMAIN",
  message: RenewDomainMessage,
  requestId: (message) => message.requestId,
  cohort: (message) => message.customerId,
  pin: (message) => message.domain,
  toOrder: (message) => paidOrder(message, renewDomainWork(message)),
  toTracking,
  legacyOutcome: legacyOutcome("RenewDomain"),
  compare: comparing("DOMAIN_NOT_FOUND"),
});

/** Reads only: it needs no pin, and may run beside anything. */
export const refreshDomain = defineRoute({
  type: "REFRESH_DOMAIN",
  message: RefreshDomainMessage,
  requestId: (message) => message.requestId,
  cohort: (message) => message.customerId,
  toOrder: (message) => ({
    customerId: message.customerId,
    items: [itemOf(message, refreshDomainWork(message))],
  }),
  toTracking,
  legacyOutcome: legacyOutcome("RefreshDomain"),
  compare: comparing("DOMAIN_NOT_FOUND"),
});

export const updateDns = defineRoute({
  type: "UPDATE_DNS",
  message: UpdateDnsMessage,
  requestId: (message) => message.requestId,
  cohort: (message) => message.customerId,
  pin: (message) => message.domain,
  toOrder: (message) => ({
    customerId: message.customerId,
    items: [{ ...itemOf(message, updateDnsWork(message)), pinKey: message.domain }],
  }),
  // Free, so that the old DNS service may go on doing it for the order path until its worker there is trusted.
  toMessage: ({ requestId, input }, at) => ({
    type: "UPDATE_DNS" as const,
    requestId,
    ...UpdateDnsInput.parse(input),
    requestedAt: rowTime(at),
  }),
  toTracking,
  legacyOutcome: legacyOutcome("UpdateDns"),
  compare: comparing("ZONE_NOT_FOUND"),
});
