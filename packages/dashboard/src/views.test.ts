import { expect, it } from "vitest";
import { lastPart, pathOf } from "./views.ts";

it.each(["7b1f", "a/b", "50%", "a?b#c", "é €", "..%2F", " "])("the id %j comes back out of its address", (id) => {
  expect(lastPart(new URL(pathOf("requests", id), "https://a.example").pathname)).toBe(id);
});

it("an address that nobody encoded is taken as it stands", () => expect(lastPart("/requests/50%")).toBe("50%"));
