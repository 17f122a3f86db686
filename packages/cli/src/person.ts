import { userInfo } from "node:os";
import { explain, RedriveNote } from "@crossfade/bridge";
import type * as z from "zod";
import { CliError, EXIT } from "./failure.ts";

/** Who changes something, and why. */
const Person = RedriveNote.pick({ by: true, reason: true });

/** @throws CliError that names the option, or the field of what is named, and its rule. */
export function checked<S extends z.ZodType>(schema: S, given: unknown, where?: string): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { field, rule } = explain(parsed.error);
  throw new CliError(EXIT.badInput, `${where === undefined ? "--" : `${where}: `}${field}: ${rule}`);
}

/** @throws CliError that names the option and its rule. */
export const nameOf = (given: { readonly by?: string }): string =>
  checked(Person.pick({ by: true }), { by: given.by ?? userInfo().username }).by;

/** @throws CliError that names the option and its rule. */
export const personOf = (given: { readonly by?: string; readonly reason: string }): { by: string; reason: string } =>
  checked(Person, { by: given.by ?? userInfo().username, reason: given.reason.trim() });
