/** Numbers and times as people read them; always with their unit. */
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 12480 as "12,480". */
export const count = (value: number): string => whole.format(value);

/** "1 request", "2,000 requests". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** Digits after the point for a number of per cent: small ones need more of them. */
function digits(percent: number): number {
  const size = Math.abs(percent);
  // Near 100 what is missing is what matters.
  const least = Math.min(size, Math.abs(100 - size));
  if (least === 0) return 0;
  if (least >= 10) return 1;
  return least >= 0.1 ? 2 : 3;
}

const trimmed = (value: number, places: number): string => {
  const text = value.toFixed(places);
  return places === 0 ? text : text.replace(/\.?0+$/, "");
};

const SMALLEST = 0.001;
const ROUNDING = 1e-9;

/** A share of 0 to 1 in per cent, "0.42 %"; never rounded to 0 or 100 where it is neither. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < SMALLEST) return `<${SMALLEST} %`;
  if (value < 100 && value > 100 - SMALLEST + ROUNDING) return `>${100 - SMALLEST} %`;
  return `${trimmed(value, digits(value))} %`;
}

/** A difference of shares, in percentage points with its sign: "+0.3 pp". */
export function points(difference: number): string {
  const value = difference * 100;
  const text = trimmed(Math.abs(value), digits(value));
  if (Number(text) === 0) return "0 pp";
  return `${value > 0 ? "+" : "−"}${text} pp`;
}

/** "0.31 to 0.53 %", the bounds of an interval of shares. */
export const between = (low: number, high: number): string => `${percent(low).replace(" %", "")} to ${percent(high)}`;

/** "−0.2 pp to +0.3 pp". */
export const betweenPoints = (low: number, high: number): string => `${points(low)} to ${points(high)}`;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds as "840 ms", "1.2 s", "2 min 5 s", "3 h 10 min", "2 d 4 h". */
export function duration(ms: number): string {
  if (ms < SECOND) return `${whole.format(ms)} ms`;
  if (ms < 10 * SECOND) return `${trimmed(ms / SECOND, 1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  const pair = (unit: number, name: string, part: number, partName: string): string => {
    const units = Math.floor(ms / unit);
    const parts = Math.floor((ms % unit) / part);
    return parts === 0 ? `${units} ${name}` : `${units} ${name} ${parts} ${partName}`;
  };
  if (ms < HOUR) return pair(MINUTE, "min", SECOND, "s");
  return ms < DAY ? pair(HOUR, "h", MINUTE, "min") : pair(DAY, "d", HOUR, "h");
}

/** How long ago, to the unit that matters: "just now", "12 s ago", "3 min ago". */
export function ago(at: number, now: number): string {
  const past = Math.max(0, now - at);
  if (past < SECOND) return "just now";
  for (const [unit, name] of [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
  ] as const)
    if (past >= unit) return `${Math.floor(past / unit)} ${name} ago`;
  return `${Math.floor(past / SECOND)} s ago`;
}

const twentyFour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const clocks = {
  clock: new Intl.DateTimeFormat("en-GB", { ...twentyFour, second: "2-digit" }),
  dated: new Intl.DateTimeFormat("en-GB", { ...twentyFour, day: "numeric", month: "short", second: "2-digit" }),
};

/** "12:03:05" in the reader's time zone. */
export const clock = (at: number): string => clocks.clock.format(at);

/** "2 Mar, 12:03:05" in the reader's time zone. */
export const dated = (at: number): string => clocks.dated.format(at);

/** Between two moments of one story: "12:03:05.250". */
export const precise = (at: number): string => `${clock(at)}.${String(at % SECOND).padStart(3, "0")}`;

/** The start of an hour as the counts name it, `2026-03-02T09` in UTC, in epoch milliseconds. */
export const hourStart = (hour: string): number => Date.parse(`${hour}:00:00Z`);

/** "1.4 kB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${trimmed(bytes / 1000, 1)} kB` : `${trimmed(bytes / 1_000_000, 1)} MB`;
}

/** Words that are written in capitals. */
const ACRONYMS = /\b(api|dns|id|pdf|sms|url|vat)\b/g;

/** "REGISTER_DOMAIN" as "Register domain", "UPDATE_DNS" as "Update DNS". */
export function title(route: string): string {
  const text = route
    .toLowerCase()
    .replaceAll("_", " ")
    .replaceAll(ACRONYMS, (word) => word.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
}
