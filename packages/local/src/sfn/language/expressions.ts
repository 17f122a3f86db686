import { StateFailure } from "../failure.ts";
import { isJsonObject, type Json } from "../json.ts";
import type { Context } from "./context.ts";
import { Interpreted } from "./interpreter.ts";
import { compileIntrinsic } from "./intrinsics.ts";
import { rewritePath } from "./rewrite.ts";

export type Evaluate = (value: Json, context: Context) => Promise<Json>;
export type Place = (rawInput: Json, result: Json, context: Context) => Promise<Json>;

const identity: Evaluate = async (value) => value;
const empty: Evaluate = async () => ({});

/** Parameters, ItemSelector or ResultSelector; absent means the value as it is. */
export function compileTemplate(template: Json | undefined): Evaluate {
  if (template === undefined) return identity;
  if (!isJsonObject(template)) return async () => template;
  const calls: Evaluate[] = [];
  const Parameters = rewriteTemplate(template, (expression) => calls.push(compileIntrinsic(expression)) - 1);
  const machine = new Interpreted({ fill: { Type: "Pass", Parameters, End: true } }, "fill");
  return async (value, context) => {
    const computed: Json[] = [];
    for (const call of calls) computed.push(await call(value, context));
    return machine.run(value, context, { computed });
  };
}

/** Its fields that end in `.$` are paths, or calls that `addCall` takes and numbers. */
function rewriteTemplate(template: Json, addCall: (expression: string) => number): Json {
  if (Array.isArray(template)) return template.map((item) => rewriteTemplate(item, addCall));
  if (!isJsonObject(template)) return template;
  const fields = Object.entries(template).map(([key, value]): [string, Json] => {
    if (!key.endsWith(".$") || typeof value !== "string") return [key, rewriteTemplate(value, addCall)];
    return [key, value.startsWith("$") ? rewritePath(value) : `$$.Computed[${addCall(value)}]`];
  });
  return Object.fromEntries(fields);
}

/** A reference such as SecondsPath or ItemsPath, or an intrinsic function where the language allows one. */
export function compileReference(expression: string): Evaluate {
  const fill = compileTemplate({ "found.$": expression });
  return async (value, context) => {
    const filled = await fill(value, context);
    return (isJsonObject(filled) ? filled["found"] : undefined) ?? null;
  };
}

/** InputPath or OutputPath; null means an empty object. */
export function compilePath(path: string | null | undefined): Evaluate {
  if (path === undefined || path === "$") return identity;
  if (path === null) return empty;
  const machine = new Interpreted({ read: { Type: "Pass", InputPath: rewritePath(path), End: true } }, "read");
  return (value, context) => machine.run(value, context);
}

/** ResultPath: `$` (and absence) puts the result in the input's place, null discards it. */
export function compileResultPath(path: string | null | undefined): Place {
  if (path === undefined || path === "$") return async (_rawInput, result) => result;
  if (path === null) return async (rawInput) => rawInput;
  const ResultPath = path.startsWith("$[") ? path.slice(1) : path;
  const machine = new Interpreted({ place: { Type: "Task", Resource: "place", ResultPath, End: true } }, "place");
  return (rawInput, result, context) => {
    if (isJsonObject(rawInput)) return machine.run(rawInput, context, { result: { of: "place", value: result } });
    throw new StateFailure(
      "States.ResultPathMatchFailure",
      `ResultPath '${path}' cannot be applied to the state input`,
    );
  };
}
