import { setTimeout as sleep } from "node:timers/promises";

/** A running event source mapping: it reads a source and invokes a function until it is stopped. */
export interface Mapping<Options = unknown> {
  readonly options: Options;
  /** Ends polling, then waits for running invocations. Safe to call more than once. */
  stop(): Promise<void>;
}

/** Told of what a mapping cannot tell its source: failed calls, failed invocations, refused answers. It then goes on. */
export type OnError = (error: unknown) => void;

/** A wait that ends early, without an error, when the mapping stops. */
export async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}

/** The region field of an ARN. Throws where there is none. */
export function regionOf(arn: string): string {
  const region = arn.split(":")[3];
  if (!region) throw new Error(`not the ARN of an event source: ${arn}`);
  return region;
}

/** Refuses a number that AWS would refuse. `undefined` passes: the default holds. */
export function requireRange(name: string, value: number | undefined, from: number, to: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) return;
  throw new RangeError(`${name} must be an integer between ${from} and ${to}, not ${value}`);
}
