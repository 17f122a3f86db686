import type { See } from "@crossfade/bridge/console";
import * as z from "zod";

/** An operator may do everything that a viewer may. */
export const Role = z.enum(["viewer", "operator"]);
export type Role = z.infer<typeof Role>;

/** Who asks, as the token says. */
export interface Person {
  /** Unique at the issuer, and never given to another person. */
  readonly subject: string;
  /** Stands in the audit as the author of a change: e-mail address that the issuer verified, else the subject. At most 200 characters. */
  readonly name: string;
  readonly role: Role;
}

export const Me = z.strictObject({ subject: z.string(), name: z.string(), role: Role });
export type Me = z.infer<typeof Me>;

/** Personal data is for operators alone. */
export const seeOf = ({ role }: Person): See => (role === "operator" ? "all" : "masked");

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1 };
export const mayAct = (person: Person, as: Role): boolean => RANK[person.role] >= RANK[as];
