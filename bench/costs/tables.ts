import type { Counted } from "./count.ts";
import { callsTable, usageTable } from "./count-tables.ts";
import { monthTable } from "./month.ts";
import { pathsTable, pricesTable, stagesTable } from "./price-tables.ts";
import { number } from "./text.ts";

/** The tables of docs/costs.md, by their names there. */
export const tablesOf = (counted: Counted): Readonly<Record<string, string>> => ({
  stages: stagesTable(counted),
  paths: pathsTable(counted),
  usage: usageTable(counted),
  calls: callsTable(counted),
  month: monthTable(counted),
  prices: pricesTable(),
  largest: `The largest item that a count leaves in the ledger has ${number(counted.largestItem)} bytes.`,
});
