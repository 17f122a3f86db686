import { invalidPattern } from "../errors.ts";

/**
 * A test for `*` standing for any run of characters, none included. `\*` and `\\` are the characters themselves. Two
 * stars in a row and any other escape are refused (user guide, "Matching using wildcards").
 */
export function wildcard(text: string): (value: string) => boolean {
  const [first = "", ...rest] = literals(text);
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  return (value) => {
    if (!value.startsWith(first) || !value.endsWith(last)) return false;
    const end = value.length - last.length;
    let from = first.length;
    for (const literal of rest) {
      const found = value.indexOf(literal, from);
      if (found < 0) return false;
      from = found + literal.length;
    }
    return from <= end;
  };
}

/** The pieces between the stars, unescaped. */
function literals(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === "*") {
      if (next === "*") throw invalidPattern(`Consecutive wildcard characters at pos ${at}`);
      pieces.push(piece);
      piece = "";
    } else if (char === "\\") {
      if (next !== "*" && next !== "\\") throw invalidPattern(`Invalid escape character at pos ${at}`);
      piece += next;
      at++;
    } else {
      piece += char;
    }
  }
  return [...pieces, piece];
}
