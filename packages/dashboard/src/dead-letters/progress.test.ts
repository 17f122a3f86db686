import { RedriveProgress } from "@crossfade/bridge/console";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { addPart, nothingMoved, partsOf } from "./progress.ts";

it("parts lose no message and repeat none (property)", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 45 }), (ids) => {
      const parts = partsOf(ids);
      expect(parts.flat()).toEqual(ids);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(10);
    }),
    { seed: 5, numRuns: 100 },
  );
});

it("parts add up", () => {
  const part = (moved: number, failed: string[]) =>
    RedriveProgress.parse({
      ...{ queue: "ingest", moved, discarded: 0, uncertain: [], left: 3, done: true },
      failed: failed.map((messageId) => ({ messageId, reason: "throttled" })),
    });
  const sum = addPart(addPart(nothingMoved(12), part(9, ["a"]), false), part(2, []), true);
  expect(sum).toMatchObject({ of: 12, moved: 11, done: true, failed: [{ messageId: "a" }] });
});
