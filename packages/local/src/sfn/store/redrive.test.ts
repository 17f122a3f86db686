import { describe, expect, it } from "vitest";
import { notRedrivable } from "./redrive.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const STARTED = Date.parse("2026-03-01T08:00:00Z");
const STOPPED = STARTED + DAY_MS;
const failed = {
  status: "FAILED",
  startDate: STARTED,
  stopDate: STOPPED,
  machineIsDeleted: false,
  history: { length: 10 },
} as const;

describe("notRedrivable", () => {
  it.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("lets %s be redriven", (status) => {
    expect(notRedrivable({ ...failed, status }, STOPPED)).toBeUndefined();
  });

  it.each(["RUNNING", "SUCCEEDED"] as const)("says that %s cannot be", (status) => {
    expect(notRedrivable({ ...failed, status }, STOPPED)).toBe(`Execution is ${status} and cannot be redriven`);
  });

  it.each([
    [14 * DAY_MS, undefined],
    [14 * DAY_MS + 1, "Execution redrivable period exceeded"],
  ])("counts 14 days from the end: %i ms", (age, reason) => {
    expect(notRedrivable(failed, STOPPED + age)).toBe(reason);
  });

  it.each([
    [365 * DAY_MS, undefined],
    [365 * DAY_MS + 1, "Execution has exceeded the max execution time"],
  ])("counts a year from the start: %i ms", (age, reason) => {
    const now = STARTED + age;
    expect(notRedrivable({ ...failed, stopDate: now }, now)).toBe(reason);
  });

  it.each([
    [24_998, undefined],
    [24_999, "Execution history event limit exceeded"],
  ])("wants fewer than 24,999 events: %i", (length, reason) => {
    expect(notRedrivable({ ...failed, history: { length } }, STOPPED)).toBe(reason);
  });

  it("says that the machine goes", () => {
    expect(notRedrivable({ ...failed, machineIsDeleted: true }, STOPPED)).toBe("State machine is in DELETING status");
  });
});
