import { describe, expect, it } from "vitest";
import { Refusal } from "./refusal.ts";
import { roleOf } from "./roles.ts";

const settings = { roleClaim: "roles", viewers: ["readers"], operators: ["ops", "leads"] };
const role = (claims: Record<string, unknown>, given: Partial<typeof settings> = {}): string => {
  try {
    return roleOf(claims, { ...settings, ...given });
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return "none";
    throw error;
  }
};

describe("the role that a token gives", () => {
  it.each([
    [["readers"], "viewer"],
    ["readers", "viewer"],
    [["readers", "leads"], "operator"],
    [["others"], "none"],
    [[], "none"],
    ["readers ops", "none"],
    [["ops", 1], "none"],
    [{ ops: true }, "none"],
    [true, "none"],
    [null, "none"],
    [undefined, "none"],
  ])("roles %j: %s", (roles, expected) => {
    expect(role({ roles })).toBe(expected);
  });

  it.each([
    ["cognito:groups", { "cognito:groups": ["ops"] }],
    ["realm_access.roles", { realm_access: { roles: ["ops"] } }],
    ["https://crossfade.example/roles", { "https://crossfade.example/roles": ["ops"] }],
  ])("by the claim %s", (roleClaim, claims) => {
    expect(role(claims, { roleClaim })).toBe("operator");
  });

  it.each(["constructor.name", "roles.length", "__proto__.roles", "a.b.c", ""])(
    "nothing is found by %j",
    (roleClaim) => {
      expect(role({ roles: ["ops"], a: "ops" }, { roleClaim, operators: ["Object", "1", "ops"] })).toBe("none");
    },
  );
});
