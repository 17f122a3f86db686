import { userInfo } from "node:os";
import { explain, RedriveNote } from "@crossfade/bridge";
import { CliError, EXIT } from "./failure.ts";

/** Who changes something, and why. */
const Person = RedriveNote.pick({ by: true, reason: true });

/** @throws CliError that names the option and its rule. */
export function personOf(given: { readonly by?: string; readonly reason: string }): { by: string; reason: string } {
  const who = Person.safeParse({ by: given.by ?? userInfo().username, reason: given.reason.trim() });
  if (who.success) return who.data;
  const { field, rule } = explain(who.error);
  throw new CliError(EXIT.badInput, `--${field}: ${rule}`);
}
