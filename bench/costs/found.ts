import type { Batch, Count, Counted } from "./count.ts";
import { SCENARIOS, type What } from "./scenarios.ts";

export const named = (what: What): string => {
  const path = SCENARIOS.find((scenario) => scenario.what === what)?.path ?? "";
  return `${path}: ${what}`;
};

export const finder =
  ({ paths }: Counted) =>
  (what: What, batch: Batch): Count => {
    const found = paths.find((each) => each.what === what && each.batch === batch);
    if (found === undefined) throw new Error(`nobody counted: ${what}`);
    return found;
  };
