import { isJsonObject, type Json } from "../../sfn/json.ts";
import { invalidPattern } from "../errors.ts";
import { cidr } from "./cidr.ts";
import type { Leaf } from "./event-fields.ts";
import { numeric } from "./numeric.ts";
import { wildcard } from "./wildcard.ts";

/** One alternative of a pattern's field: a test of a leaf, or the wish that there be no leaf. */
export type FieldTest = "absent" | ((leaf: Leaf) => boolean);
type TextTest = (value: string) => boolean;

const IGNORE_CASE = "equals-ignore-case";

/** The operators of the user guide, "Comparison operators". Those on text never match other types. */
const operators: Readonly<Record<string, (operand: Json) => FieldTest>> = {
  prefix: (operand) => onText(affix("prefix", operand)),
  suffix: (operand) => onText(affix("suffix", operand)),
  [IGNORE_CASE]: (operand) => onText(ignoringCase(text(IGNORE_CASE, operand))),
  wildcard: (operand) => onText(wildcard(text("wildcard", operand))),
  cidr: (operand) => onText(cidr(text("cidr", operand))),
  numeric: (operand) => {
    const test = numeric(operand);
    return (leaf) => typeof leaf === "number" && test(leaf);
  },
  exists: (operand) => {
    if (typeof operand !== "boolean") throw invalidPattern("exists match pattern must be either true or false.");
    return operand ? () => true : "absent";
  },
  "anything-but": anythingBut,
};

/** Names that cannot be fields inside `$or`, because a mistyped operator would read as one. */
export const RESERVED: ReadonlySet<string> = new Set([...Object.keys(operators), "=", "<", "<=", ">", ">="]);

export function compileTest(value: Json): FieldTest {
  if (Array.isArray(value)) throw invalidPattern("Match value must be String, number, true, false, or null");
  if (!isJsonObject(value)) return (leaf) => leaf === value;
  const [name, operand] = onlyEntry(value);
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (operator === undefined) throw invalidPattern(`Unrecognized match type ${name}`);
  return operator(operand);
}

/** Matches leaves of every type, also those that the operator inside could never match. */
function anythingBut(operand: Json): FieldTest {
  const refused = refusal(operand);
  return (leaf) => !refused(leaf);
}

function refusal(operand: Json): (leaf: Leaf) => boolean {
  if (isJsonObject(operand)) {
    const [name, inner] = onlyEntry(operand);
    const compile = Object.hasOwn(insideAnythingBut, name) ? insideAnythingBut[name] : undefined;
    if (compile === undefined) throw invalidPattern(`Unsupported anything-but pattern: ${name}`);
    const tests = listOf(inner).map((value) => compile(text(name, value)));
    return onText((value) => tests.some((test) => test(value)));
  }
  const values: ReadonlySet<Json> = new Set(listOf(operand));
  const types = new Set([...values].map((value) => typeof value));
  if (types.size > 1) throw invalidPattern("Inside anything-but list, mixed types are not supported");
  if (!types.has("string") && !types.has("number")) {
    throw invalidPattern("Inside anything-but list, only strings or numbers are supported");
  }
  return (leaf) => values.has(leaf);
}

const insideAnythingBut: Readonly<Record<string, (operand: string) => TextTest>> = {
  prefix: (operand) => affix("prefix", notEmpty(operand)),
  suffix: (operand) => affix("suffix", notEmpty(operand)),
  [IGNORE_CASE]: ignoringCase,
  wildcard,
};

function affix(kind: "prefix" | "suffix", operand: Json): TextTest {
  const holds = (value: string, part: string) => (kind === "prefix" ? value.startsWith(part) : value.endsWith(part));
  if (!isJsonObject(operand)) {
    const part = text(kind, operand);
    return (value) => holds(value, part);
  }
  const [name, inner] = onlyEntry(operand);
  if (name !== IGNORE_CASE) throw invalidPattern(`Unsupported ${kind} pattern: ${name}`);
  const part = text(name, inner).toLowerCase();
  return (value) => holds(value.toLowerCase(), part);
}

function ignoringCase(operand: string): TextTest {
  const wanted = operand.toLowerCase();
  return (value) => value.toLowerCase() === wanted;
}

function onText(test: TextTest): (leaf: Leaf) => boolean {
  return (leaf) => typeof leaf === "string" && test(leaf);
}

function text(name: string, operand: Json): string {
  if (typeof operand !== "string") throw invalidPattern(`${name} match pattern must be a string`);
  return operand;
}

function notEmpty(operand: string): string {
  if (operand === "") throw invalidPattern("Null prefix/suffix not allowed");
  return operand;
}

function listOf(operand: Json): Json[] {
  if (!Array.isArray(operand)) return [operand];
  if (operand.length === 0) throw invalidPattern("Empty arrays are not allowed");
  return operand;
}

function onlyEntry(value: { [key: string]: Json }): [string, Json] {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined) throw invalidPattern("Match expression name not found");
  if (more.length > 0) throw invalidPattern("Only one key allowed in match expression");
  return entry;
}
