import * as z from "zod";
import { canonicalJson } from "../hash.ts";
import type { Outcome } from "../outcome.ts";
import { DifferenceKind } from "./differences.ts";
import { childrenOf, isArray, isObject, type Json } from "./json.ts";
import { covers, type Path, type Pattern } from "./path.ts";
import { maskText } from "./personal-text.ts";
import type { CompareRules } from "./rules.ts";
import { type Judgement, Verdict } from "./verdict.ts";

/** A difference that may be kept: its path and its values are masked. */
export const MaskedDifference = z.strictObject({
  kind: DifferenceKind,
  path: z.string(),
  group: z.string(),
  old: z.json().optional(),
  new: z.json().optional(),
});
export type MaskedDifference = z.infer<typeof MaskedDifference>;

/** What is kept of one comparison for a person to look at, without personal data. */
export const Sample = z.strictObject({
  verdict: Verdict,
  old: z.json().optional(),
  new: z.json().optional(),
  differences: z.array(MaskedDifference),
});
export type Sample = z.infer<typeof Sample>;

/** The plain values under personal paths. */
function personalValues(value: Json, patterns: readonly Pattern[], path: Path = []): Json[] {
  if (!isArray(value) && !isObject(value)) return covers(patterns, path) ? [value] : [];
  return childrenOf(value).flatMap(([segment, child]) => personalValues(child, patterns, [...path, segment]));
}

/**
 * Replaces personal values by masks. Masks are numbered as their values come: equal values have equal masks, and a mask
 * follows from nothing else, so that there is nothing to guess it from.
 */
function masker(personal: readonly Pattern[], sides: readonly Json[]) {
  const known = sides
    .flatMap((side) => personalValues(side, personal))
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map(String);
  const numbers = new Map<string, number>();
  const mask = (value: Json): string => {
    const key = canonicalJson(value);
    numbers.set(key, numbers.get(key) ?? numbers.size + 1);
    return `[masked ${numbers.get(key)}]`;
  };
  const text = (value: string): string => maskText(value, known, mask);
  const masked = (value: Json, path: Path): Json => {
    if (isArray(value)) return value.map((element, index) => masked(element, [...path, index]));
    if (isObject(value))
      return Object.fromEntries(
        childrenOf(value).map(([key, field]) => [text(String(key)), masked(field, [...path, key])]),
      );
    if (covers(personal, path)) return mask(value);
    return typeof value === "string" ? text(value) : value;
  };
  return { text, masked };
}

/** One comparison as it may be kept: within it, equal personal values are still seen to be equal. */
export function sampleOf(
  old: Outcome | undefined,
  other: Outcome | undefined,
  { verdict, differences }: Judgement,
  { personal, clean }: CompareRules,
): Sample {
  const sides = [old, other].filter((side) => side !== undefined);
  const { text, masked } = masker(personal, [...sides, ...sides.map(clean)]);
  return Sample.parse({
    verdict,
    ...(old && { old: masked(old, []) }),
    ...(other && { new: masked(other, []) }),
    differences: differences.map(({ kind, path, group, old: was, new: is, at }) => ({
      ...{ kind, path: text(path), group: text(group) },
      ...(was !== undefined && { old: masked(was, at) }),
      ...(is !== undefined && { new: masked(is, at) }),
    })),
  });
}
