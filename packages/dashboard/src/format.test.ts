import { describe, expect, it } from "vitest";
import {
  ago,
  between,
  betweenPoints,
  counted,
  dated,
  duration,
  hourStart,
  percent,
  points,
  precise,
  size,
  title,
} from "./format.ts";

describe("numbers as people read them", () => {
  it.each([
    [0, "0 %"],
    [0.0000001, "<0.001 %"],
    [0.00042, "0.042 %"],
    [0.0042, "0.42 %"],
    [0.5, "50 %"],
    [0.1234, "12.3 %"],
    [0.9942, "99.42 %"],
    [0.99999, "99.999 %"],
    [0.9999999, ">99.999 %"],
    [1, "100 %"],
  ])("the share %d is %s", (share, text) => expect(percent(share)).toBe(text));

  it.each([
    [0.003, "+0.3 pp"],
    [-0.0021, "−0.21 pp"],
    [0, "0 pp"],
    [0.0000001, "0 pp"],
    [-1, "−100 pp"],
  ])("a difference of %d is %s", (difference, text) => expect(points(difference)).toBe(text));

  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1000, "1 s"],
    [1240, "1.2 s"],
    [9999, "10 s"],
    [59_499, "59 s"],
    [60_000, "1 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [11_400_000, "3 h 10 min"],
    [187_200_000, "2 d 4 h"],
  ])("%d ms are %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("intervals carry one unit", () => {
    expect(between(0.0031, 0.0053)).toBe("0.31 to 0.53 %");
    expect(betweenPoints(-0.002, 0.003)).toBe("−0.2 pp to +0.3 pp");
  });

  it("one is one, and many are many", () => {
    expect(counted(1, "request")).toBe("1 request");
    expect(counted(2000, "request")).toBe("2,000 requests");
    expect(counted(0, "entry", "entries")).toBe("0 entries");
  });

  it.each([
    [999, "999 B"],
    [1400, "1.4 kB"],
    [2_000_000, "2 MB"],
  ])("%d bytes are %s", (bytes, text) => expect(size(bytes)).toBe(text));
});

describe("times", () => {
  const at = Date.UTC(2026, 2, 2, 9, 3, 5, 7);

  it.each([
    [0, "just now"],
    [999, "just now"],
    [1000, "1 s ago"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [3_600_000, "1 h ago"],
    [90_000_000, "1 d ago"],
    [-5000, "just now"],
  ])("%d ms later it was %s", (later, text) => expect(ago(at, at + later)).toBe(text));

  it("milliseconds tell moments of one second apart", () => {
    expect(precise(at)).toMatch(/^\d\d:\d\d:05\.007$/);
    expect(dated(at)).toMatch(/^\d Mar, \d\d:\d\d:05$/);
  });

  it("an hour of the counts is in UTC", () => {
    expect(hourStart("2026-03-02T09")).toBe(Date.UTC(2026, 2, 2, 9));
  });
});

it.each([
  ["REGISTER_DOMAIN", "Register domain"],
  ["UPDATE_DNS", "Update DNS"],
  ["IDLE", "Idle"],
])("%s reads as %s", (route, words) => expect(title(route)).toBe(words));
