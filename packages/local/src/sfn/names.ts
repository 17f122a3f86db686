import { SfnError } from "./errors.ts";

// API reference, StartExecution "name": no white space, brackets, wildcards, these special characters, control
// characters; the last range are the non-characters and lone surrogates that AWS refuses as well.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Names of state machines, executions and activities: 1 to 80 characters. Throws InvalidName. */
export function assertName(name: string): void {
  if (name.length < 1 || name.length > 80 || FORBIDDEN.test(name)) {
    throw new SfnError("InvalidName", `Invalid Name: '${name}'`);
  }
}
