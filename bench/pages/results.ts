/** A page of the dashboard, by what it asks of the API. */
export interface Page {
  readonly name: string;
  readonly path: string;
}

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p95: number;
}

/** What a page may take at the server, in milliseconds. */
export const MOST_MS = 200;

/** @param taken milliseconds of each call; nearest rank. */
export function timesOf(taken: readonly number[]): Times {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

const whole = (count: number): string => count.toLocaleString("en-US");
const ms = (value: number): string => value.toFixed(1);

/** The two ledgers side by side, as Markdown; the ratio is that of the medians. */
export function table(claims: number, small: ReadonlyMap<string, Times>, large: ReadonlyMap<string, Times>): string {
  const rows = [...large].map(([name, { p50, p95 }]) => {
    const before = small.get(name) ?? { p50: Number.NaN, p95: Number.NaN };
    return `| ${name} | ${ms(before.p50)} | ${ms(p50)} | ${(p50 / before.p50).toFixed(2)} | ${ms(p95)} |`;
  });
  return [
    "# How long the API takes for each page",
    "",
    "Written by `npm run bench:pages`: over HTTP, token and schemas included, the embedded DynamoDB on the same machine, one call",
    "after the other. A page reads counts and pages, never a scan. What still grows with the ledger is bounded: an hour's record has",
    "more counters where more has happened, and at most 400 claims in flight of a route are counted.",
    "",
    `| Page, in milliseconds | 1,000 claims, p50 | ${whole(claims)} claims, p50 | ratio | ${whole(claims)} claims, p95 |`,
    "|---|---:|---:|---:|---:|",
    ...rows,
    "",
  ].join("\n");
}
