import { describe, expect, test } from "vitest";
import { page } from "./paging.ts";

const self = (n: number) => n;
const list = (length: number) => Array.from({ length }, (_, i) => i + 1);

describe("page", () => {
  test("100 by default, and for 0", () => {
    expect(page(list(101), self, {}).items).toHaveLength(100);
    expect(page(list(101), self, { maxResults: 0 }).items).toHaveLength(100);
  });

  test("no token when the list ends with the page", () => {
    expect(page(list(2), self, { maxResults: 2 })).toEqual({ items: [1, 2] });
  });

  test("goes on after the last item, whatever was added before it", () => {
    const { nextToken } = page([9, 8, 7, 6], self, { maxResults: 2 });
    expect(page([11, 10, 9, 8, 7, 6], self, { maxResults: 2, nextToken })).toEqual({ items: [7, 6] });
  });

  test("refuses a token that it did not give", () => {
    expect(() => page(list(3), self, { nextToken: "nonsense" })).toThrow(
      expect.objectContaining({ code: "InvalidToken" }),
    );
  });
});
