import * as z from "zod";
import type { RowImage } from "./route.ts";

/** A row of the request-tracking table as it was read. */
export type Row = Readonly<Record<string, unknown>>;

/** What can be put back: sets, binary values and numbers beyond 2^53 have no exact JSON form, and are left alone. */
export function imageOf(row: Row): RowImage {
  const entries = Object.entries(row).flatMap(([name, value]) => {
    const json = z.json().safeParse(value);
    return json.success ? [[name, json.data] as const] : [];
  });
  return Object.fromEntries(entries);
}
