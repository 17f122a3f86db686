import { describe, expect, it } from "vitest";
import { RedriveTokens } from "./redrive-tokens.ts";

const NOW = Date.parse("2026-03-01T08:00:00Z");
const MINUTE_MS = 60_000;

describe("RedriveTokens", () => {
  it.each([
    [15 * MINUTE_MS - 1, NOW],
    [15 * MINUTE_MS, undefined],
  ])("knows a token for less than 15 minutes: %i ms", (age, redriveDate) => {
    const tokens = new RedriveTokens();
    tokens.add("a", NOW);
    expect(tokens.redriveDate("a", NOW + age)).toBe(redriveDate);
    expect(tokens.redriveDate("b", NOW)).toBeUndefined();
  });

  it("knows the last ten, each with its own date", () => {
    const tokens = new RedriveTokens();
    for (let n = 0; n <= 10; n++) tokens.add(`token-${n}`, NOW + n);
    expect(tokens.redriveDate("token-0", NOW + 11)).toBeUndefined();
    expect(tokens.redriveDate("token-1", NOW + 11)).toBe(NOW + 1);
    expect(tokens.redriveDate("token-10", NOW + 11)).toBe(NOW + 10);
  });

  it("starts again with a token that had expired", () => {
    const tokens = new RedriveTokens();
    const later = NOW + 20 * MINUTE_MS;
    tokens.add("a", NOW);
    tokens.add("a", later);
    expect(tokens.redriveDate("a", later + MINUTE_MS)).toBe(later);
  });
});
