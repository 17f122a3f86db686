import { StateFailure } from "../failure.ts";
import { type Json, parseJson } from "../json.ts";

/** An intrinsic function call and its arguments (States Language, "Intrinsic Functions"). */
export interface CallExpression {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expression[];
}

export type Expression =
  | CallExpression
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "literal"; readonly value: Json };

/** Throws States.IntrinsicFailure for text that is no call. */
export function parseCall(text: string): CallExpression {
  const open = text.indexOf("(");
  if (open < 0 || !text.endsWith(")")) throw malformed(text);
  const inside = text.slice(open + 1, -1);
  const args = inside.trim() === "" ? [] : splitArguments(inside).map((each) => parseArgument(each.trim()));
  return { kind: "call", name: text.slice(0, open).trim(), args };
}

function parseArgument(text: string): Expression {
  if (text.startsWith("States.")) return parseCall(text);
  if (text.startsWith("$")) return { kind: "path", path: text };
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) {
    return { kind: "literal", value: text.slice(1, -1).replace(/\\(['{}\\])/g, "$1") };
  }
  try {
    return { kind: "literal", value: parseJson(text) };
  } catch {
    throw malformed(text);
  }
}

/** At commas outside quotes, parentheses and brackets. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quoted && char === "\\") i++;
    else if (char === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (char === "(" || char === "[") depth++;
    else if (char === ")" || char === "]") depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function malformed(text: string): StateFailure {
  return new StateFailure("States.IntrinsicFailure", `Invalid intrinsic function: ${text}`);
}
