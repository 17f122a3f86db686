import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { documentedMachines, withDiagrams } from "../../docs/diagrams.ts";
import { Definition, statesOf } from "./machine-paths/definition.ts";
import { ROOT } from "./support/run.ts";

const document = await readFile(path.join(ROOT, "docs/state-machines.md"), "utf8");

/** What the document says of who does a Task. */
function doer(resource: string): string {
  const [integration = "", pattern] = resource.replace("arn:aws:states:::", "").split(/(?=\.waitForTaskToken$)/);
  if (integration === "lambda:invoke") return pattern === undefined ? "Lambda" : "Lambda, by task token";
  return resource.startsWith("arn:") ? `\`${integration}${pattern ?? ""}\`` : `activity \`${resource}\``;
}

const section = (name: string): string => document.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? "";

describe("docs/state-machines.md", () => {
  it("has the diagrams of the machines as they are; if not: npm run diagrams", () => {
    expect(document, "run: npm run diagrams").toBe(withDiagrams(document));
    expect(document).not.toContain("arn:");
  });

  it("has no place for a machine's diagram twice, and misses none", () => {
    const named = [...document.matchAll(/<!-- diagram of (\w+) -->/g)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(documentedMachines()));
    expect(() => withDiagrams(document.replace("<!-- diagram of Order -->", ""))).toThrow("Order");
  });

  it.each(Object.entries(documentedMachines()))("says who does each Task of %s (N13)", (name, machine) => {
    const states = [...statesOf(Definition.parse(structuredClone(machine)))];
    const tasks = states.flatMap(([task, { Resource }]) => (Resource === undefined ? [] : [[task, Resource] as const]));
    const rows = section(name).split("\n");
    expect(tasks.length).toBeGreaterThan(0);
    for (const [task, resource] of tasks) {
      expect(rows.filter((row) => row.startsWith(`| ${task} | ${doer(resource)} |`))).toHaveLength(1);
    }
  });

  it("names every direct call where it says why (N13)", () => {
    const why = section("What does the work");
    const definitions = Object.values(documentedMachines()).map((machine) =>
      Definition.parse(structuredClone(machine)),
    );
    const calls = definitions
      .flatMap((each) => [...statesOf(each)])
      .filter(([, { Resource }]) => Resource !== undefined);
    const direct = calls.filter(([, { Resource = "" }]) => doer(Resource).startsWith("`"));
    expect(direct.length).toBeGreaterThan(0);
    for (const [name, { Resource = "" }] of direct) expect(why).toContain(`| ${name} | ${doer(Resource)} |`);
    expect(why.match(/^\| [A-Z].* \| `[\w:.-]+` \|/gm)).toHaveLength(direct.length);
  });
});
