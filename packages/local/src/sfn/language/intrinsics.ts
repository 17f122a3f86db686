import { StateFailure } from "../failure.ts";
import { isJsonObject, type Json, parseJson } from "../json.ts";
import type { Context } from "./context.ts";
import { Interpreted } from "./interpreter.ts";
import { type CallExpression, type Expression, parseCall } from "./intrinsic-parser.ts";
import { rewritePath } from "./rewrite.ts";

type Evaluate = (value: Json, context: Context) => Promise<Json>;

/**
 * The interpreter removes every backslash from a text that an intrinsic function returns, which breaks escaped JSON.
 * So the functions that can return a text with one are done here; it does the others, one call at a time.
 */
const OWN: Readonly<Record<string, (args: readonly Json[]) => Json>> = {
  "States.Format": ([template, ...values]) => format(text(template), values),
  "States.JsonToString": ([value]) => JSON.stringify(value ?? null),
  "States.StringToJson": ([value]) => parseJson(text(value)),
  "States.Base64Decode": ([value]) => Buffer.from(text(value), "base64").toString("utf8"),
  "States.ArrayGetItem": ([list, index]) => {
    const item = Array.isArray(list) && typeof index === "number" ? list[index] : undefined;
    if (item === undefined) throw new TypeError("States.ArrayGetItem needs an array and an index within it");
    return item;
  },
};

/** Parses the call once. A fault in it shows when it is evaluated, as States.IntrinsicFailure. */
export function compileIntrinsic(expression: string): Evaluate {
  try {
    return compileCall(parseCall(expression));
  } catch (error) {
    return () => Promise.reject(error);
  }
}

function compileCall({ name, args }: CallExpression): Evaluate {
  const compiled = args.map(compileArgument);
  const own = OWN[name];
  const apply = own === undefined ? delegate(name, args.length) : async (values: Json[]) => guarded(name, own, values);
  return async (value, context) => {
    const values: Json[] = [];
    for (const evaluate of compiled) values.push(await evaluate(value, context));
    return apply(values, context);
  };
}

function compileArgument(argument: Expression): Evaluate {
  if (argument.kind === "call") return compileCall(argument);
  if (argument.kind === "literal") return async () => argument.value;
  return single(rewritePath(argument.path));
}

function delegate(name: string, arity: number): (values: Json[], context: Context) => Promise<Json> {
  const parameters = Array.from({ length: arity }, (_, i) => `$$.Value[${i}]`).join(", ");
  return single(`${name}(${parameters})`);
}

function single(expression: string): Evaluate {
  const Parameters = { "is.$": expression };
  const machine = new Interpreted({ one: { Type: "Pass", Parameters, End: true } }, "one");
  return async (value, context) => {
    const filled = await machine.run(value, context);
    return (isJsonObject(filled) ? filled["is"] : undefined) ?? null;
  };
}

function guarded(name: string, own: (args: readonly Json[]) => Json, values: readonly Json[]): Json {
  try {
    return own(values);
  } catch (error) {
    throw new StateFailure("States.IntrinsicFailure", `${name}: ${error instanceof Error ? error.message : error}`);
  }
}

function format(template: string, values: readonly Json[]): string {
  const parts = template.split("{}");
  if (parts.length !== values.length + 1) throw new TypeError("as many arguments as {} are needed");
  return parts.map((part, i) => part + (i < values.length ? show(values[i] ?? null) : "")).join("");
}

function show(value: Json): string {
  if (typeof value === "object" && value !== null) throw new TypeError("objects and arrays cannot be formatted");
  return String(value);
}

function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new TypeError("expected a text");
  return value;
}
