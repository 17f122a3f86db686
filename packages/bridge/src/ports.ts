/** What the core asks of the outside, one small interface each; adapters stand behind them. */
export * from "./ports/approvals.ts";
export * from "./ports/charges.ts";
export * from "./ports/claims.ts";
export * from "./ports/common.ts";
export * from "./ports/counts.ts";
export * from "./ports/dead-letters.ts";
export * from "./ports/effects.ts";
export * from "./ports/executions.ts";
export * from "./ports/guard.ts";
export * from "./ports/legacy.ts";
export * from "./ports/payloads.ts";
export * from "./ports/redrives.ts";
export * from "./ports/rollouts.ts";
export * from "./ports/rows.ts";
export * from "./ports/tokens.ts";
