import { describe, expect, it } from "vitest";
import { rowFromImage } from "./dynamodb-stream.ts";

describe("rowFromImage", () => {
  it("reads every type that a row holds", () => {
    const image = {
      text: { S: "a" },
      number: { N: "7" },
      yes: { BOOL: true },
      none: { NULL: true },
      map: { M: { list: { L: [{ S: "b" }, { N: "1.5" }] } } },
    };
    expect(rowFromImage(image)).toEqual({ text: "a", number: 7, yes: true, none: null, map: { list: ["b", 1.5] } });
  });

  it("leaves out what no row holds, at any depth, rather than stop the stream", () => {
    const image = { requestId: { S: "r" }, photo: { B: "AAEC" }, deep: { M: { photo: { B: "AAEC" } } }, odd: { X: 1 } };
    expect(rowFromImage(image)).toEqual({ requestId: "r" });
  });
});
