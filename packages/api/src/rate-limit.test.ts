import { describe, expect, it } from "vitest";
import { RateLimiter } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";

function limited(burst: number, perSecond: number) {
  let now = Date.UTC(2026, 2, 2);
  const limiter = new RateLimiter({ burst, perSecond }, () => now);
  return {
    pass: (ms: number) => {
      now += ms;
    },
    /** Undefined where it is let through, else the seconds to wait. */
    ask(caller: string): number | undefined {
      try {
        limiter.take(caller);
        return undefined;
      } catch (error) {
        if (error instanceof Refusal && error.status === 429) return Number(error.headers["Retry-After"]);
        throw error;
      }
    },
  };
}

describe("the rate limit", () => {
  it("lets a burst through and then as many as grow again, each caller by itself", () => {
    const { ask, pass } = limited(2, 1);
    expect([ask("a"), ask("a"), ask("a"), ask("b")]).toEqual([undefined, undefined, 1, undefined]);
    pass(999);
    expect(ask("a")).toBe(1);
    pass(1);
    expect([ask("a"), ask("a")]).toEqual([undefined, 1]);
  });

  it("who goes on asking waits no longer for it", () => {
    const { ask, pass } = limited(1, 1);
    ask("a");
    for (let i = 0; i < 7; i += 1) {
      pass(125);
      expect(ask("a")).toBe(1);
    }
    pass(125);
    expect(ask("a")).toBeUndefined();
  });

  it("a long rest gives no more than the burst, and a clock that goes back takes nothing", () => {
    const { ask, pass } = limited(2, 1);
    ask("a");
    pass(3_600_000);
    expect([ask("a"), ask("a"), ask("a")]).toEqual([undefined, undefined, 1]);
    pass(-60_000);
    expect(ask("a")).toBe(1);
  });

  it("says how long to wait", () => {
    const { ask } = limited(1, 0.1);
    ask("a");
    expect(ask("a")).toBe(10);
  });

  it("remembers ten thousand callers, and forgets the one heard of longest ago", () => {
    const { ask } = limited(1, 0.001);
    ask("first");
    ask("second");
    for (let i = 0; i < 9_998; i += 1) ask(`other-${i}`);
    expect(ask("first")).toBe(1_000);
    ask("one more");
    expect(ask("second")).toBeUndefined();
    expect(ask("first")).toBe(1_000);
  });
});
