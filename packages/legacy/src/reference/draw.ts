import { canonicalJson, sha256 } from "@crossfade/bridge";

/** A number from 0 up to, not including, 1 that follows from the seed and the parts alone. */
export const draw = (seed: number, ...parts: readonly (string | number)[]): number =>
  sha256(canonicalJson([seed, ...parts])).readUIntBE(0, 6) / 2 ** 48;

/** One of the values. */
export function pick<Value>(values: readonly [Value, ...Value[]], drawn: number): Value {
  return values[Math.floor(drawn * values.length)] ?? values[0];
}
