import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

test("a task begins when the one before has ended, also when that failed", async () => {
  const inTurn = oneAtATime();
  const seen: string[] = [];
  const task = (name: string, fails: boolean) => async () => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const results = await Promise.allSettled([
    inTurn(task("a", false)),
    inTurn(task("b", true)),
    inTurn(task("c", false)),
  ]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
