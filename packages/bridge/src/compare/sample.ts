import * as z from "zod";
import { canonicalJson } from "../hash.ts";
import type { Outcome } from "../outcome.ts";
import { DifferenceKind, groupOf } from "./differences.ts";
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
  /** Given where part of it was too large to be kept. */
  cut: z.literal(true).optional(),
});
export type Sample = z.infer<typeof Sample>;

/** Of a sample as JSON. The ledger's records hold a verdict each way, and go into transactions by the hundred. */
export const MAX_SAMPLE_BYTES = 16 * 1024;

/** So many differences are kept of a sample that is too large, each of another kind. */
const FEW = 20;
/** Characters by which a path is known where it is kept: a key in it may be any text. */
export const LONGEST_PATH = 200;

/** The sample without what is too large to be kept: first the whole outcomes, then the values, then all but a few paths. */
export function fittedSample(sample: Sample): Sample {
  const { verdict, differences } = sample;
  const few = [...new Map(differences.map((each) => [groupOf(each), each])).values()].slice(0, FEW);
  const short = (text: string) => text.slice(0, LONGEST_PATH);
  const candidates: readonly Sample[] = [
    sample,
    { verdict, differences, cut: true },
    { verdict, differences: few, cut: true },
    {
      verdict,
      differences: few.map(({ kind, path, group }) => ({ kind, path: short(path), group: short(group) })),
      cut: true,
    },
  ];
  const fitting = candidates.find((each) => Buffer.byteLength(JSON.stringify(each)) <= MAX_SAMPLE_BYTES);
  return fitting ?? { verdict, differences: [], cut: true };
}

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
