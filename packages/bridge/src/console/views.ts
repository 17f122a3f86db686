import { Sample, Verdict } from "../compare/index.ts";
import { GuardPolicy, GuardTarget } from "../guard/index.ts";
import { AuditEntry, DifferenceGroup, GuardRecord, JudgedRequest } from "../ports.ts";

// What a person sees of a migration: the same values on the pages, in the API and in `crossfade --json`. Times are epoch
// milliseconds, latencies milliseconds, rates 0 to 1.

/** Who looks: `all` is for operators; `masked` shows no body, no attribute and no text that may be of a person. */
export type See = "all" | "masked";

export * from "./views/counted.ts";
export * from "./views/dead-letters.ts";
export * from "./views/pages.ts";
export * from "./views/requests.ts";
export * from "./views/rollouts.ts";
export * from "./views/routes.ts";
export { AuditEntry, DifferenceGroup, GuardPolicy, GuardRecord, GuardTarget, JudgedRequest, Sample, Verdict };
