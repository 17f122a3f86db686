export type { ApiDeps, ApiLimits, ToldRequest } from "./api-deps.ts";
export { type GuardAnswer, views } from "./components.ts";
export type { Author, Console, DeadLetterMove } from "./console.ts";
export { createApi } from "./create-api.ts";
export { declaredRole } from "./operation.ts";
export { Me, type Person, Role } from "./person.ts";
export { ApiError, Refusal } from "./refusal.ts";
export type { RoleSettings } from "./roles.ts";
export { type TokenSettings, type TokenVerifier, tokenVerifier } from "./token-verifier.ts";
