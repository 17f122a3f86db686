import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";

const origin = "https://crossfade.example";

describe("settings", () => {
  it("make addresses absolute", () => {
    expect(readSettings({ apiUrl: "/api/", issuer: "/oidc", clientId: "dashboard" }, origin)).toEqual({
      apiUrl: "https://crossfade.example/api",
      issuer: "https://crossfade.example/oidc",
      clientId: "dashboard",
      scope: "openid profile",
    });
  });

  it("leave absolute addresses on their own origin", () => {
    const settings = readSettings(
      { apiUrl: "https://api.example/v1", issuer: "https://id.example", clientId: "d", audience: "crossfade" },
      origin,
    );
    expect(settings).toMatchObject({
      apiUrl: "https://api.example/v1",
      issuer: "https://id.example",
      audience: "crossfade",
    });
  });

  it("name the field that is wrong", () => {
    expect(() => readSettings({ apiUrl: "/api", clientId: "d" }, origin)).toThrow(/issuer/);
    expect(() => readSettings({ issuer: "https://", clientId: "d" }, origin)).toThrow(/address or a path/);
  });
});
