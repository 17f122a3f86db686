import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExecutionName, parseRequestKey, RequestId, RouteType, requestKeyText } from "./ids.ts";

const routes = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,63}$/).map((text) => RouteType.parse(text));
const ids = fc.string({ minLength: 1, maxLength: 100, unit: fc.constantFrom("#", "@", "a", "ä") });
const keys = fc.record({ route: routes, requestId: ids.map((text) => RequestId.parse(text)) });

describe("a request key as text", () => {
  it("can be taken apart again, also with # in the id (property)", () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseRequestKey(requestKeyText(key))).toEqual(key);
      }),
    );
  });

  it.each(["", "#r1", "REGISTER_DOMAIN#", "register#r1"])("%j is none", (text) => {
    expect(() => parseRequestKey(text)).toThrow();
  });
});

describe("limits", () => {
  it.each([
    [RequestId, "r", 200],
    [RouteType, "R", 64],
    [ExecutionName, "n", 80],
  ])("a name has 1 to so many characters", (schema, letter, most) => {
    const accepted = [0, 1, most, most + 1].map((length) => schema.safeParse(letter.repeat(length)).success);
    expect(accepted).toEqual([false, true, true, false]);
  });

  it.each(["order.1", "order 1", "order:1", "ordér", "order\n"])("an execution is not named %j", (name) => {
    expect(ExecutionName.safeParse(name).success).toBe(false);
  });
});
