/** A part of a text, from its first character to behind its last. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A local part has at most 64 characters (RFC 5321); the bound also keeps the search linear in the text. */
const EMAIL = /(?:"[^"\n]{0,100}"|[^\s<>()",;@]{1,100})@[^\s<>()",;]{1,255}/gu;

/**
 * International (+358 40 123 4567, 0035840...), in national groups (040-123 4567, (555) 123-4567, 555.123.4567), or
 * nine to eleven digits behind a 0. Not dates, addresses of machines, UUIDs, plain counts.
 */
const PHONE =
  /(?:\+|\b00)\d(?:[\s().-]{0,2}\d){6,13}|(?<![\w.-])(?:\(\d{2,4}\)\s?|\d{2,4}[ -])\d{3,4}[ -]?\d{3,4}(?![\w-])|(?<![\w.-])\d{3}\.\d{3}\.\d{4}(?![\w-])|(?<![\w.-])0\d{8,10}(?![\w-])/gu;

/** What the shortest personal value is that is looked for inside other texts; shorter ones occur by chance. */
const SHORTEST = 3;

const spansOf = (text: string, pattern: RegExp): Span[] =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ from: index, to: index + found.length }));

function occurrences(text: string, value: string): Span[] {
  const [where, what] = [text.toLowerCase(), value.toLowerCase()];
  // Lower case may be longer in some scripts, and then its places are others.
  const [haystack, needle] = where.length === text.length ? [where, what] : [text, value];
  const spans: Span[] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    spans.push({ from: at, to: at + needle.length });
  }
  return spans;
}

/** Spans that touch become one, so that no rest of either is left between them. */
function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from < last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

/**
 * The text with e-mail addresses, phone numbers and the given values replaced.
 * @param known personal values of the same sample, wherever they occur again.
 * @param mask gives what stands in the place of a value.
 */
export function maskText(text: string, known: readonly string[], mask: (value: string) => string): string {
  const spans = joined([
    ...spansOf(text, EMAIL),
    ...spansOf(text, PHONE),
    ...known.filter((value) => value.length >= SHORTEST).flatMap((value) => occurrences(text, value)),
  ]);
  const parts = spans.map(({ from, to }, n) => text.slice(spans[n - 1]?.to ?? 0, from) + mask(text.slice(from, to)));
  return parts.join("") + text.slice(spans.at(-1)?.to ?? 0);
}
