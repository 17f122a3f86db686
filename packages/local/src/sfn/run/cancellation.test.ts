import { describe, expect, test } from "vitest";
import { Cancellation, Cancelled } from "./cancellation.ts";

describe("Cancellation", () => {
  test("reaches children, and not the other way round", () => {
    const whole = new Cancellation();
    const [one, two] = [whole.child(), whole.child()];
    one.cancel();
    expect([whole.cancelled, one.cancelled, two.cancelled]).toEqual([false, true, false]);
    whole.cancel();
    expect(two.cancelled).toBe(true);
  });

  test("a released child is left alone", () => {
    const whole = new Cancellation();
    const child = whole.child();
    child.release();
    whole.cancel();
    expect(child.cancelled).toBe(false);
  });

  test("guard rejects at once for work that never ends", async () => {
    const whole = new Cancellation();
    const guarded = whole.guard(new Promise(() => {}));
    whole.cancel();
    await expect(guarded).rejects.toBeInstanceOf(Cancelled);
    await expect(whole.guard(Promise.resolve())).rejects.toBeInstanceOf(Cancelled);
  });

  test("a listener is called once, or never when it left", () => {
    const whole = new Cancellation();
    const calls: string[] = [];
    whole.onCancel(() => calls.push("stays"));
    whole.onCancel(() => calls.push("left"))();
    whole.cancel();
    whole.cancel();
    whole.onCancel(() => calls.push("late"));
    expect(calls).toEqual(["stays", "late"]);
  });
});
