import { type RequestKey, requestKeyText } from "../ids.ts";

/** The one place that knows how the ledger's items are keyed (design, section 5). */
export const claimKey = (key: RequestKey) => claimKeyOf(requestKeyText(key));
export const claimKeyOf = (keyText: string) => ({ pk: `REQ#${keyText}`, sk: "CLAIM" });
export const effectKey = (key: RequestKey, n: number) => ({ pk: `REQ#${requestKeyText(key)}`, sk: `EFFECT#${n}` });
/** A failed effect that was begun anew in a later generation. */
export const triedKey = (key: RequestKey, n: number, generation: number) => ({
  pk: `REQ#${requestKeyText(key)}`,
  sk: `TRIED#${n}@${generation}`,
});
/** The token of the Action that waits for the legacy service to do this request. */
export const tokenKey = (key: RequestKey) => ({ pk: `REQ#${requestKeyText(key)}`, sk: "TOKEN" });
/** What was counted of a request, and the verdict on it. */
export const verdictKeyOf = (keyText: string) => ({ pk: `REQ#${keyText}`, sk: VERDICT });
export const VERDICT = "VERDICT";
/** A message that was refused before anything was claimed, by SQS's id of it; and that it was counted. */
export const rejectedKey = (messageId: string) => ({ pk: `REJECTED#${messageId}`, sk: "REJECTED" });
export const rejectedCountedKey = (messageId: string) => ({ pk: `REJECTED#${messageId}`, sk: "COUNTED" });
/** `hour` as 2026-03-02T09: hours sort as text. */
export const hourKey = (route: string, hour: string) => ({ pk: `COUNT#${route}`, sk: `HOUR#${hour}` });
export const totalKey = (route: string) => ({ pk: `COUNT#${route}`, sk: "TOTAL" });
/** One kind of difference at one path. `id` is of letters and digits, and so stands behind the number of groups. */
export const groupKey = (route: string, against: string, id: string) => ({ pk: `DIFF#${route}#${against}`, sk: id });
/** How many groups a route has. */
export const groupCountKey = (route: string, against: string) => groupKey(route, against, "#GROUPS");
export const pinItemKey = (pinKey: string) => ({ pk: `PIN#${pinKey}`, sk: "PIN" });
export const chargeKey = (orderId: string) => ({ pk: `ORDER#${orderId}`, sk: "CHARGE" });
/** Who redrove an order, and why. */
export const redriveKey = (orderId: string, generation: number) => ({
  pk: `ORDER#${orderId}`,
  sk: `REDRIVE#${generation}`,
});
export const evidenceKey = (orderId: string) => ({ pk: `ORDER#${orderId}`, sk: "EVIDENCE" });
/** What an order id stands for: one order, for ever. */
export const orderKey = (orderId: string) => ({ pk: `ORDER#${orderId}`, sk: "ORDER" });
/** Order writes to it too: machines/approval.ts. */
export const approvalKey = (orderId: string) => ({ pk: `ORDER#${orderId}`, sk: "APPROVAL" });
export const bookmarkKey = (job: string) => ({ pk: `JOB#${job}`, sk: "BOOKMARK" });
export const rolloutKey = (route: string) => ({ pk: `ROUTE#${route}`, sk: "ROLLOUT" });
/** What a person had done with one dead letter. */
export const moveKey = (queue: string, messageId: string) => ({ pk: `MOVE#${queue}#${messageId}`, sk: "MOVE" });
/** How far the attachment of a source has come. */
export const journalKey = (source: string) => ({ pk: `ATTACH#${source}`, sk: "JOURNAL" });
export const guardKey = (route: string) => ({ pk: `ROUTE#${route}`, sk: "GUARD" });
/** Versions sort as text: ten digits. */
const sortable = (version: number): string => String(version).padStart(10, "0");
export const auditKey = (route: string, version: number) => ({
  pk: `ROUTE#${route}`,
  sk: `AUDIT#${sortable(version)}`,
});
/** What the guard, or a person about the guard, did while the rollout was at that version: after its own entry. */
export const guardAuditKey = (route: string, version: number, revision: number) => ({
  pk: `ROUTE#${route}`,
  sk: `AUDIT#${sortable(version)}#${sortable(revision)}`,
});

/** Sparse index over claims in flight: route, and the age of the claim. */
export const IN_FLIGHT_INDEX = "in-flight";

/** Sparse index over claims whose plan-only order has not ended: route, and the age of the claim. */
export const OPEN_SHADOWS_INDEX = "open-shadows";

/** Requests for approval share the sparse index with claims in flight; no route's name holds a `#`. */
export const OPEN_APPROVALS = "APPROVAL#";

/** Claims that have ended and whose rows are still looked at: they share the index too. */
export const watchedName = (route: string): string => `ENDED#${route}`;

/** Sparse index over verdicts other than match: `<route>#<verdict>`, and when it was given. It holds keys alone. */
export const VERDICTS_INDEX = "verdicts";
export const verdictName = (route: string, verdict: string): string => `${route}#${verdict}`;

/** The ledger's keys and indexes, as CreateTable and Pulumi both name them. */
export const LEDGER_SCHEMA = {
  attributes: { pk: "S", sk: "S", inFlight: "S", openShadow: "S", decidedAt: "N", verdictOf: "S", judgedAt: "N" },
  primary: { hash: "pk", range: "sk" },
  indexes: {
    [IN_FLIGHT_INDEX]: { hash: "inFlight", range: "decidedAt", projection: "ALL" },
    [OPEN_SHADOWS_INDEX]: { hash: "openShadow", range: "decidedAt", projection: "ALL" },
    [VERDICTS_INDEX]: { hash: "verdictOf", range: "judgedAt", projection: "KEYS_ONLY" },
  },
} as const;
