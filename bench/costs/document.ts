import { putBetween } from "../../docs/between.ts";
import type { Counted } from "./count.ts";
import { tablesOf } from "./tables.ts";

export const COSTS_DOCUMENT = new URL("../../docs/costs.md", import.meta.url);

/**
 * The document with every table as it is counted.
 * @throws Error when a table has no place in it.
 */
export const withTables = (document: string, counted: Counted): string =>
  Object.entries(tablesOf(counted)).reduce(
    (text, [name, table]) => putBetween(text, `<!-- counted ${name} -->\n`, "\n<!-- end of counted -->", table),
    document,
  );
