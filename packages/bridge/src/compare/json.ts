/** Any value with a JSON form. A field that is undefined is a field that is not there. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** The types that JSON tells apart. */
export type JsonKind = "string" | "number" | "boolean" | "null" | "array" | "object";

export const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !isArray(value);

export function kindOf(value: Json): JsonKind {
  if (value === null) return "null";
  if (isArray(value)) return "array";
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return typeof value as "string" | "number" | "boolean";
    default:
      return "object";
  }
}

/** The fields of an object, or the elements of an array, each with its key or index; nothing for a plain value. */
export function childrenOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (isArray(value)) return value.map((element, index) => [index, element] as const);
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const field = value[key];
    return field === undefined ? [] : [[key, field] as const];
  });
}
