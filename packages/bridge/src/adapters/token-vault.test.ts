import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TaskToken } from "../approval.ts";
import { OrderId } from "../ids.ts";
import { bridgeError } from "../testing.ts";
import { AesTokenVault } from "./token-vault.ts";

const KEY = randomBytes(32);
const vault = new AesTokenVault(KEY);
const orderId = OrderId.parse(randomUUID());
const token = TaskToken.parse(`AQ${"åäö-token".repeat(80)}`);
const unreadable = bridgeError("TOKEN_UNREADABLE", "fatal");

describe("the token vault", () => {
  it("opens what it sealed, also in another process with the same key", () => {
    expect(new AesTokenVault(KEY).open(vault.seal(token, orderId), orderId)).toBe(token);
  });

  it("never gives the same text twice, and nothing of the token shows in it", () => {
    const sealed = Array.from({ length: 50 }, () => vault.seal(token, orderId));
    expect(new Set(sealed).size).toBe(50);
    for (const text of sealed) expect(Buffer.from(text, "base64").toString("latin1")).not.toContain("token");
  });

  it("does not open another order's token", () => {
    expect(() => vault.open(vault.seal(token, orderId), OrderId.parse(randomUUID()))).toThrow(unreadable);
  });

  it("does not open with another key", () => {
    expect(() => new AesTokenVault(randomBytes(32)).open(vault.seal(token, orderId), orderId)).toThrow(unreadable);
  });

  it("does not open a text of which one bit was changed, or a part is missing", () => {
    const bytes = Buffer.from(vault.seal(token, orderId), "base64");
    for (const place of [0, 11, 12, 27, 28, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(() => vault.open(changed.toString("base64"), orderId), `byte ${place}`).toThrow(unreadable);
    }
    for (const length of [0, 5, 12, 20, 28, bytes.length - 1])
      expect(() => vault.open(bytes.subarray(0, length).toString("base64"), orderId), `${length} bytes`).toThrow(
        unreadable,
      );
  });

  it("says nothing of token or key when it fails", () => {
    const sealed = vault.seal(token, orderId);
    const error = (() => {
      try {
        return new AesTokenVault(randomBytes(32)).open(sealed, orderId);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Error);
    const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
    for (const secret of [token, sealed, KEY.toString("base64")]) expect(told).not.toContain(secret);
    expect(error).not.toHaveProperty("cause");
  });
});
