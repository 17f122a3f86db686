import { createContext, use } from "react";
import * as z from "zod";
import type { Api } from "./api.ts";

/** Who is signed in, as the API sees them. */
export const Me = z.object({
  subject: z.string(),
  name: z.string().optional(),
  role: z.enum(["viewer", "operator"]),
});
export type Me = z.infer<typeof Me>;

/** What every page has at hand. */
export interface Access {
  readonly api: Api;
  readonly me: Me;
  readonly signOut: () => void;
}

export const AccessContext = createContext<Access | undefined>(undefined);

export function useAccess(): Access {
  const access = use(AccessContext);
  if (access === undefined) throw new Error("a page is shown to nobody");
  return access;
}

/** True for who may change things. */
export const useMayChange = (): boolean => useAccess().me.role === "operator";
