/** Any JSON value. Values travel between states by reference and are never changed in place. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** AWS's limit on the input and output of a state and of an execution: 256 KiB of UTF-8. */
export const DATA_LIMIT_BYTES = 262_144;

/** JSON text to a value; throws SyntaxError. `JSON.parse` without a reviver can return nothing but JSON. */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

export function isJsonText(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads whatever a handler or an SDK returned as JSON: dates become text, undefined becomes null. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : parseJson(text);
}

export function exceedsDataLimit(text: string): boolean {
  // A UTF-16 unit is at most three bytes, so short texts need no counting.
  return text.length * 3 > DATA_LIMIT_BYTES && Buffer.byteLength(text) > DATA_LIMIT_BYTES;
}

export function isJsonObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
