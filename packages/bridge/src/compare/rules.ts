import * as z from "zod";
import { Outcome } from "../outcome.ts";
import { type Pattern, parsePattern } from "./path.ts";

const PatternText = z.string().transform((text, context): Pattern => {
  try {
    return parsePattern(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: String(error) });
    return z.NEVER;
  }
});

/** By how much two values may differ and still count as equal. */
const Tolerance = z.union([
  /** Numbers, by their difference. */
  z.strictObject({ path: PatternText, absolute: z.number().nonnegative() }),
  /** Numbers, by their difference as a share of the greater magnitude; 0 to 1. */
  z.strictObject({ path: PatternText, relative: z.number().min(0).max(1) }),
  /** ISO 8601 days or times, by milliseconds. */
  z.strictObject({ path: PatternText, withinMs: z.number().nonnegative() }),
  /** ISO 8601 days or times, by days of 24 hours. */
  z.strictObject({ path: PatternText, withinDays: z.number().nonnegative() }),
]);
export type Tolerance = z.infer<typeof Tolerance>;

const patterns = z.array(PatternText).default([]);

/** A code as outcomes carry it; it becomes part of a counter's name. */
const Code = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/);

/** The most error codes that a route counts by name: every one of them is an attribute of each hour's counters. */
export const MAX_CODES = 30;

const Rules = z
  .strictObject({
    ignore: patterns,
    unordered: patterns,
    personal: patterns,
    tolerances: z.array(Tolerance).default([]),
    unforeseen: z.array(Code).default([]),
    codes: z.array(Code).default([]),
    clean: z.custom<(outcome: Outcome) => Outcome>((value) => typeof value === "function").optional(),
  })
  .refine(({ unforeseen, codes }) => new Set([...unforeseen, ...codes]).size <= MAX_CODES, {
    path: ["codes"],
    message: `at most ${MAX_CODES} codes are counted by name`,
  });

/** What a route says about comparing its outcomes. Paths are patterns as `effects.*.at`; a path stands for all below it. */
export interface CompareDefinition {
  /** Differences here do not count: the field is as good as absent. */
  readonly ignore?: readonly string[];
  /** Arrays whose order says nothing. */
  readonly unordered?: readonly string[];
  /** Values that differ by no more than this are equal. */
  readonly tolerances?: readonly z.input<typeof Tolerance>[];
  /** Personal data, masked in what is kept; e-mail addresses and phone numbers are masked everywhere anyway. */
  readonly personal?: readonly string[];
  /** Error codes that only the external service can give: a plan cannot foresee them, and the verdict is `ignored`. */
  readonly unforeseen?: readonly string[];
  /** Further error codes that are counted by name; all others are counted together. */
  readonly codes?: readonly string[];
  /** Brings both outcomes to one spelling before they are compared. Pure; one that throws, or gives no outcome, changes nothing. */
  readonly clean?: (outcome: Outcome) => Outcome;
}

/** A route's definition, checked and ready for use. */
export interface CompareRules {
  readonly ignore: readonly Pattern[];
  readonly unordered: readonly Pattern[];
  readonly personal: readonly Pattern[];
  readonly tolerances: readonly Tolerance[];
  readonly unforeseen: ReadonlySet<string>;
  /** Codes that are counted by name; the unforeseen ones among them. */
  readonly codes: ReadonlySet<string>;
  readonly clean: (outcome: Outcome) => Outcome;
}

/** @throws ZodError for an unknown field, a pattern that is none, or too many codes. */
export function compareRules(definition: CompareDefinition = {}): CompareRules {
  const { unforeseen, codes, clean, ...rules } = Rules.parse(definition);
  return {
    ...rules,
    unforeseen: new Set(unforeseen),
    codes: new Set([...unforeseen, ...codes]),
    clean(outcome) {
      try {
        return clean === undefined ? outcome : Outcome.parse(clean(outcome));
      } catch {
        return outcome;
      }
    },
  };
}

/** The rules under which nothing is ignored. */
export const STRICT: CompareRules = compareRules();
