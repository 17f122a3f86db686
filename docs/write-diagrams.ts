import { readFile, writeFile } from "node:fs/promises";
import { documentedMachines, withDiagrams } from "./diagrams.ts";

const file = new URL("state-machines.md", import.meta.url);
const document = await readFile(file, "utf8");
const current = withDiagrams(document);
// Somebody else may be reading it: a document that is current is left alone.
if (current !== document) await writeFile(file, current);
const count = Object.keys(documentedMachines()).length;
console.log(`docs/state-machines.md: ${count} diagrams, ${current === document ? "as they were" : "written anew"}`);
