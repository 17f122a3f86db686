import { groupText, type Json, type Path, pathText } from "@crossfade/bridge/compare";
import type { Sample } from "@crossfade/bridge/console";

/** One line of a value as it is shown. */
export interface JsonLine {
  readonly depth: number;
  /** Where the line's value stands; a closing bracket belongs to what it closes. */
  readonly at: Path;
  readonly path: string;
  readonly text: string;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** A value line by line, keys in their own order. */
export function jsonLines(value: Json, at: Path = [], depth = 0, key = "", comma = ""): JsonLine[] {
  const line = (text: string): JsonLine => ({ depth, at, path: pathText(at), text });
  if (typeof value !== "object" || value === null) return [line(`${key}${JSON.stringify(value)}${comma}`)];
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"];
  const children: (readonly [string | number, Json])[] = isList(value)
    ? value.map((child, index) => [index, child])
    : Object.entries(value).flatMap(([name, child]) => (child === undefined ? [] : [[name, child] as const]));
  if (children.length === 0) return [line(`${key}${open}${close}${comma}`)];
  const inside = children.flatMap(([name, child], n) => {
    const label = typeof name === "number" ? "" : `${JSON.stringify(name)}: `;
    return jsonLines(child, [...at, name], depth + 1, label, n === children.length - 1 ? "" : ",");
  });
  return [line(`${key}${open}`), ...inside, line(`${close}${comma}`)];
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json | undefined } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same value, its keys in the order of another one's, so that the two can be read side by side. */
export function inOrderOf(value: Json, other: Json | undefined): Json {
  if (isList(value)) return value.map((child, n) => inOrderOf(child, Array.isArray(other) ? other[n] : undefined));
  if (!isObject(value)) return value;
  const like = isObject(other) ? other : {};
  const keys = [...Object.keys(like).filter((key) => Object.hasOwn(value, key)), ...Object.keys(value)];
  return Object.fromEntries([...new Set(keys)].map((key) => [key, inOrderOf(value[key] ?? null, like[key])]));
}

/** The value at a path; undefined where nothing is. */
export function valueAt(value: Json, at: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const segment of at) {
    if (typeof here !== "object" || here === null) return undefined;
    here = isList(here) ? here[Number(segment)] : (here as { readonly [key: string]: Json | undefined })[segment];
  }
  return here;
}

const begins = (path: Path, with_: Path): boolean => with_.every((segment, n) => path[n] === segment);
const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

type Difference = Sample["differences"][number];

/**
 * Paths of one side that a difference is about. Lists may be aligned, so that what stands at an index of the old side
 * stands at another of the new one: it is found by its group and its value.
 */
export function pathsOf(difference: Difference, side: "old" | "new", value: Json): Path[] {
  const wanted = difference[side];
  if (wanted === undefined) return [];
  const places = new Map<string, Path>(jsonLines(value).map((line) => [line.path, line.at]));
  const same = places.get(difference.path);
  if (same !== undefined && isEqual(valueAt(value, same), wanted)) return [same];
  const alike = [...places.values()].find(
    (at) => groupText(at) === difference.group && isEqual(valueAt(value, at), wanted),
  );
  return alike === undefined ? [] : [alike];
}

/** Which lines are about one of the differences, with what is below them. */
export function markLines(lines: readonly JsonLine[], paths: readonly Path[]): ReadonlySet<JsonLine> {
  return new Set(lines.filter(({ at }) => paths.some((path) => begins(at, path))));
}
