import { type Command, InvalidArgumentError } from "commander";
import { wholeNumber } from "./figures.ts";

export function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("must be a number from 0 to 100");
  return value;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration as `24h`. */
export function duration(text: string): number {
  const [, value, unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (value === undefined || factor === undefined)
    throw new InvalidArgumentError("must be a duration, as 90s, 30m, 24h or 7d");
  return Math.round(Number(value) * factor);
}

export const ROUTE = ["<route>", "the message type, as crossfade routes lists it"] as const;

/** What every change of a rollout is given. */
export interface ChangeGiven {
  readonly version?: number;
  readonly reason: string;
  readonly by?: string;
  readonly json: boolean;
}

/** Options of every change of a rollout, or of what depends on one. */
export const addChangeOptions = (command: Command, what = "the new rollout"): Command =>
  command
    .option("--version <number>", "refuse unless the rollout still is at this version", wholeNumber(0, 999_999_999))
    .requiredOption("--reason <text>", "why; kept with the change")
    .option("--by <name>", "who (default: your user name here)")
    .option("--json", `print ${what} as one JSON object`, false);
