import { expect, it } from "vitest";
import { attemptNumber } from "./delegate.ts";

it("numbers the attempts of a hand-over so that a later one always has the greater number (C15)", () => {
  const inOrder = [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 999],
    [0, 1, 0],
    [0, 99_999, 999],
    [1, 0, 0],
    [1, 0, 1],
    [999, 99_999, 999],
  ] as const;
  const numbers = inOrder.map(([generation, waits, retries]) => attemptNumber({ generation, waits, retries }));
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  expect(numbers.every(Number.isSafeInteger)).toBe(true);
});
