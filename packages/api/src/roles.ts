import * as z from "zod";
import type { Role } from "./person.ts";
import { Refusal } from "./refusal.ts";

export interface RoleSettings {
  /** Name of the claim that says the role, like `cognito:groups`, or a path to it, like `realm_access.roles`. */
  readonly roleClaim: string;
  /** Its values that make a viewer, and those that make an operator. */
  readonly viewers: readonly string[];
  readonly operators: readonly string[];
}

/** One value, or several; of any other shape it is not what was configured, and says nothing. */
const RoleClaim = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A claim of exactly that name first: names of claims may hold dots, as URLs do. */
function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split(".")
    .reduce<unknown>((at, name) => (isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined), claims);
}

/**
 * The role that a token gives: the greater of those it names.
 * @throws Refusal 403 where it names none.
 */
export function roleOf(claims: Readonly<Record<string, unknown>>, settings: RoleSettings): Role {
  const { roleClaim, viewers, operators } = settings;
  const values = RoleClaim.safeParse(claimAt(claims, roleClaim)).data ?? [];
  if (values.some((value) => operators.includes(value))) return "operator";
  if (values.some((value) => viewers.includes(value))) return "viewer";
  const message = "you are known, and have no role here: ask for viewer or operator";
  throw new Refusal(403, { code: "NO_ROLE", message });
}
