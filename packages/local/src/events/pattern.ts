import { isJsonObject, isJsonText, type Json, parseJson, toJson } from "../sfn/json.ts";
import { invalidPattern } from "./errors.ts";
import { type EventFields, eventFields, join, type Membership } from "./pattern/event-fields.ts";
import { compileTest, type FieldTest, RESERVED } from "./pattern/operators.ts";

/** User guide, "Or matching": more combinations than this are refused. */
const MAX_ALTERNATIVES = 1000;

/** One way to match: every path must hold a leaf that one of its tests accepts. */
type Alternative = ReadonlyMap<string, readonly FieldTest[]>;

/** Whether an event, any value that JSON can hold, matches. */
export type Pattern = (event: unknown) => boolean;

/**
 * Reads an event pattern (EventBridge user guide, "Creating event patterns"). A field matches when any leaf of the event
 * under its path passes any of its tests; all fields must match, and where they lie in an array of objects, within the
 * same element. Throws InvalidEventPatternException.
 */
export function compilePattern(text: string): Pattern {
  const pattern = isJsonText(text) ? parseJson(text) : undefined;
  if (pattern === undefined) throw invalidPattern("not valid JSON");
  if (!isJsonObject(pattern)) throw invalidPattern("Filter is not an object");
  const alternatives = compileObject(pattern, "", false).map((alternative) => [...alternative]);
  return (event) => {
    const found = eventFields(toJson(event));
    return alternatives.some((fields) => matchFrom(0, fields, found, new Map()));
  };
}

/** `$or` multiplies the alternatives, everything else adds a field to each of them. */
function compileObject(pattern: { [key: string]: Json }, path: string, insideOr: boolean): Alternative[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw invalidPattern("Empty objects are not allowed");
  return entries.reduce<Alternative[]>(
    (alternatives, [name, value]) => both(alternatives, compileField(name, value, path, insideOr)),
    [new Map()],
  );
}

function compileField(name: string, value: Json, path: string, insideOr: boolean): Alternative[] {
  if (name === "$or") return compileOr(value, path);
  if (insideOr && RESERVED.has(name)) throw invalidPattern(`${name} is reserved and cannot be a field inside $or.`);
  const inner = path === "" ? name : `${path}.${name}`;
  if (isJsonObject(value)) return compileObject(value, inner, insideOr);
  if (!Array.isArray(value)) throw invalidPattern(`"${name}" must be an object or an array`);
  if (value.length === 0) throw invalidPattern("Empty arrays are not allowed");
  return [new Map([[inner, value.map(compileTest)]])];
}

function compileOr(value: Json, path: string): Alternative[] {
  if (!Array.isArray(value)) throw invalidPattern("It must be an Array followed with $or.");
  if (value.length < 2) throw invalidPattern("There must have at least 2 Objects in $or relationship.");
  return value.flatMap((option) => {
    if (!isJsonObject(option)) throw invalidPattern("Only JSON object is allowed in array of $or relationship.");
    return compileObject(option, path, true);
  });
}

function both(left: readonly Alternative[], right: readonly Alternative[]): Alternative[] {
  if (left.length * right.length > MAX_ALTERNATIVES) {
    throw invalidPattern(`$or gives more than ${MAX_ALTERNATIVES} combinations`);
  }
  return left.flatMap((one) => right.map((other) => merge(one, other)));
}

function merge(one: Alternative, other: Alternative): Alternative {
  for (const path of other.keys()) {
    if (one.has(path)) throw invalidPattern(`Path \`${path}\` cannot be allowed multiple times`);
  }
  return new Map([...one, ...other]);
}

function matchFrom(
  at: number,
  wanted: readonly (readonly [string, readonly FieldTest[]])[],
  event: EventFields,
  membership: Membership,
): boolean {
  const next = wanted[at];
  if (next === undefined) return true;
  const [path, tests] = next;
  const leaves = event.get(path);
  if (leaves === undefined) return tests.includes("absent") && matchFrom(at + 1, wanted, event, membership);
  // The leaves of one array share their membership: what failed for one would fail for all.
  const tried = new Set<Membership>();
  return leaves.some((leaf) => {
    if (tried.has(leaf.membership) || !tests.some((test) => test !== "absent" && test(leaf.value))) return false;
    tried.add(leaf.membership);
    const joined = join(membership, leaf.membership);
    return joined !== undefined && matchFrom(at + 1, wanted, event, joined);
  });
}
