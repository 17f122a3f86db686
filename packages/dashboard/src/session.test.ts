import { expect, it } from "vitest";
import { ownPath } from "./session.ts";

it.each([
  ["/routes/REGISTER_DOMAIN?hours=6", "/routes/REGISTER_DOMAIN?hours=6"],
  ["/", "/"],
  ["//evil.example/", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example/", "/"],
  ["/signed-in?code=1", "/"],
  [undefined, "/"],
])("after sign-in, %s leads to %s", (wanted, path) => expect(ownPath(wanted)).toBe(path));
