import { readFile, writeFile } from "node:fs/promises";
import { count } from "./count.ts";
import { COSTS_DOCUMENT, withTables } from "./document.ts";

const document = await readFile(COSTS_DOCUMENT, "utf8");
const current = withTables(document, await count());
// Somebody else may be reading it: a document that is current is left alone.
if (current !== document) await writeFile(COSTS_DOCUMENT, current);
console.log(`docs/costs.md: the tables are ${current === document ? "as they were" : "written anew"}`);
