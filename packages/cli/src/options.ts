import { RouteType } from "@crossfade/bridge";
import { composeMigration } from "@crossfade/functions/compose";
import { type Command, InvalidArgumentError } from "commander";
import { CliError, EXIT } from "./failure.ts";

/** Every route of the migration, in the order in which the contract lists them. */
export const everyRoute = (): readonly RouteType[] => [...composeMigration().routes.keys()];

/** @throws CliError that lists the routes of the migration. */
export function routeNamed(name: string): RouteType {
  const known = everyRoute();
  const route = RouteType.safeParse(name);
  if (route.success && known.includes(route.data)) return route.data;
  throw new CliError(EXIT.badInput, `no route "${name}": use one of ${known.join(", ")}`);
}

export function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("must be a number from 0 to 100");
  return value;
}

/** A whole number within bounds, both included. */
export const wholeBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

/** The same, with fractions. */
export const numberBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration as `24h`. */
export function duration(text: string): number {
  const [, value, unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (value === undefined || factor === undefined)
    throw new InvalidArgumentError("must be a duration, as 90s, 30m, 24h or 7d");
  return Math.round(Number(value) * factor);
}

/** The same, the other way round. */
export function durationText(ms: number): string {
  const [unit, factor] = Object.entries(UNITS).findLast(([, each]) => ms >= 2 * each) ?? ["s", 1_000];
  return `${Number((ms / factor).toFixed(2))} ${unit}`;
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
    .option("--version <number>", "refuse unless the rollout still is at this version", wholeBetween(0, 999_999_999))
    .requiredOption("--reason <text>", "why; kept with the change")
    .option("--by <name>", "who (default: your user name here)")
    .option("--json", `print ${what} as one JSON object`, false);
