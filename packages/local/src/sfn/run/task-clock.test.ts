import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TaskClock } from "./task-clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The error a clock has expired with, if it has. */
function watch(clock: TaskClock): { error?: string } {
  const seen: { error?: string } = {};
  clock.expired.catch((failure) => {
    seen.error = failure.error;
  });
  return seen;
}

describe("TaskClock", () => {
  test("does not count before the start", async () => {
    const clock = new TaskClock({ timeoutSeconds: 1, heartbeatSeconds: 1 });
    const seen = watch(clock);
    clock.beat();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toEqual({});
  });

  test("expires at the timeout, not before", async () => {
    const clock = new TaskClock({ timeoutSeconds: 2, heartbeatSeconds: undefined });
    const seen = watch(clock);
    clock.start();
    await vi.advanceTimersByTimeAsync(1999);
    expect(seen).toEqual({});
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual({ error: "States.Timeout" });
  });

  test("a beat puts the heartbeat's end off", async () => {
    const clock = new TaskClock({ timeoutSeconds: undefined, heartbeatSeconds: 2 });
    const seen = watch(clock);
    clock.start();
    await vi.advanceTimersByTimeAsync(1999);
    clock.beat();
    await vi.advanceTimersByTimeAsync(1999);
    expect(seen).toEqual({});
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual({ error: "States.HeartbeatTimeout" });
  });

  test("waits longer than one timer of Node can", async () => {
    const clock = new TaskClock({ timeoutSeconds: 5_000_000, heartbeatSeconds: undefined });
    const seen = watch(clock);
    clock.start();
    await vi.advanceTimersByTimeAsync(4_999_999_000);
    expect(seen).toEqual({});
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual({ error: "States.Timeout" });
  });

  test("a stopped clock never expires", async () => {
    const clock = new TaskClock({ timeoutSeconds: 1, heartbeatSeconds: 1 });
    const seen = watch(clock);
    clock.start();
    clock.stop();
    clock.beat();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
  });
});
