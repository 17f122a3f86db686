import type { StateMachineDefinition } from "aws-local-stepfunctions";
import * as z from "zod";
import { isJsonObject, type Json } from "../json.ts";
import type { Evaluate } from "./expressions.ts";
import { Interpreted } from "./interpreter.ts";
import { rewritePath } from "./rewrite.ts";
import type { StateOf } from "./schema.ts";

type ChoiceState = Extract<StateMachineDefinition["States"][string], { Type: "Choice" }>;

const TYPE_TESTS = new Set(["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"]);
const ORDER = /^(String|Numeric|Timestamp)(Less|Greater)Than(Equals)?(Path)?$/;
const GUARDS: Readonly<Record<string, string>> = { String: "IsString", Numeric: "IsNumeric", Timestamp: "IsTimestamp" };

/** Gives the name of the state that a Choice leads to. Fails with States.NoChoiceMatched. */
export function compileChoice(state: StateOf<"Choice">): Evaluate {
  const targets = [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
  const ends = targets.map((name) => [`to ${name}`, { Type: "Pass", Result: name, End: true }] as const);
  const choose = {
    Type: "Choice",
    Choices: state.Choices.map((rule) => ({ ...compileRule(z.json().parse(rule)), Next: `to ${rule.Next}` })),
    ...(state.Default !== undefined && { Default: `to ${state.Default}` }),
  };
  // asl-validator has accepted the rules; the interpreter's types cannot express a rule that is built field by field.
  const machine = new Interpreted({ ...Object.fromEntries(ends), choose: choose as ChoiceState }, "choose");
  return (value, context) => machine.run(value, context);
}

/** The language's meaning where the interpreter's differs: a type test may be false, and order needs one type. */
function compileRule(rule: Json): { [key: string]: Json } {
  if (!isJsonObject(rule)) return {};
  const { Next: _next, Comment: _comment, ...fields } = rule;
  for (const operator of ["And", "Or"]) {
    const operands = fields[operator];
    if (Array.isArray(operands)) return { [operator]: operands.map(compileRule) };
  }
  if (fields["Not"] !== undefined) return { Not: compileRule(fields["Not"]) };
  const test = Object.fromEntries(Object.entries(fields).map(compileOperand));
  const operator = Object.keys(test).find((key) => key !== "Variable") ?? "";
  if (TYPE_TESTS.has(operator) && test[operator] === false) return { Not: { ...test, [operator]: true } };
  const guard = GUARDS[ORDER.exec(operator)?.[1] ?? ""];
  return guard === undefined ? test : { And: [{ Variable: test["Variable"] ?? null, [guard]: true }, test] };
}

function compileOperand([key, value]: [string, Json]): [string, Json] {
  const isPath = key === "Variable" || key.endsWith("Path");
  return [key, isPath && typeof value === "string" ? rewritePath(value) : value];
}
