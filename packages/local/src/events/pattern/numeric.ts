import type { Json } from "../../sfn/json.ts";
import { invalidPattern } from "../errors.ts";

/** User guide, "Numeric matching": values from -5.0e9 to +5.0e9, both included; others never match. */
const LIMIT = 5e9;

const comparisons = new Map<Json | undefined, (value: number, bound: number) => boolean>([
  ["=", (value, bound) => value === bound],
  ["<", (value, bound) => value < bound],
  ["<=", (value, bound) => value <= bound],
  [">", (value, bound) => value > bound],
  [">=", (value, bound) => value >= bound],
]);

/** A test for one comparison, `[">", 0]`, or for a range that names its lower bound first, `[">", 0, "<=", 5]`. */
export function numeric(operand: Json): (value: number) => boolean {
  if (!Array.isArray(operand)) throw invalidPattern("Value of numeric must be an array.");
  const [operator, bound, secondOperator, secondBound] = operand;
  const first = comparison(operator, bound);
  if (operand.length === 2) return (value) => inLimits(value) && first(value);
  const second = comparison(secondOperator, secondBound);
  if (operand.length > 4) throw invalidPattern("Too many elements in numeric expression");
  if (!isOneOf(operator, ">", ">=") || !isOneOf(secondOperator, "<", "<=")) {
    throw invalidPattern(`Bad numeric range operator: ${operator} with ${secondOperator}`);
  }
  if (Number(bound) >= Number(secondBound)) throw invalidPattern("Bottom must be less than top");
  return (value) => inLimits(value) && first(value) && second(value);
}

function comparison(operator: Json | undefined, bound: Json | undefined): (value: number) => boolean {
  const compare = comparisons.get(operator);
  if (compare === undefined) throw invalidPattern(`Unrecognized numeric range operator: ${JSON.stringify(operator)}`);
  if (typeof bound !== "number") throw invalidPattern(`Value of ${operator} must be numeric`);
  if (!inLimits(bound)) throw invalidPattern(`Value must be between ${-LIMIT} and ${LIMIT}, inclusive`);
  return (value) => compare(value, bound);
}

function inLimits(value: number): boolean {
  return Math.abs(value) <= LIMIT;
}

function isOneOf(value: Json | undefined, ...choices: string[]): boolean {
  return typeof value === "string" && choices.includes(value);
}
