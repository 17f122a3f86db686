import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { COUNTED, count } from "./machine-paths/counted.ts";
import { type Played, setTheStage } from "./machine-paths/stage.ts";
import { ROOT } from "./support/run.ts";
import type { Transitions } from "./support/transitions.ts";

/** Dollars for a thousand transitions of a Standard machine; the document says where from, and of when. */
const STANDARD = 0.025;
/** Dollars for a request and for a gigabyte-second of an Express machine, which is charged 64 MB at least. */
const EXPRESS = { request: 0.000001, gigabyteSecond: 0.00001667, gigabytes: 64 / 1024 };

let stage: Played;
const counts = new Map<string, Transitions>();
beforeAll(async () => {
  stage = await setTheStage();
  await Promise.all(COUNTED.map(async (counted) => counts.set(counted.what, await count(stage, counted))));
}, 90_000);
afterAll(() => stage.close());

const dollars = (amount: number): string => `$${amount.toFixed(3)}`;
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** What stands between the markers of a table in the document. */
async function table(name: string): Promise<string> {
  const document = await readFile(path.join(ROOT, "docs/state-machines.md"), "utf8");
  return document.split(`<!-- counted ${name} -->\n`)[1]?.split("\n<!-- end of counted -->")[0] ?? "";
}

function counted(what: string): Transitions & { readonly total: number } {
  const found = counts.get(what);
  if (found === undefined) throw new Error(`nobody counted: ${what}`);
  return { ...found, total: found.actions.reduce((sum, each) => sum + each, found.order) };
}

it("the document tells the transitions and the price of an order as they are counted (N20)", async () => {
  const rows = COUNTED.map(({ what }) => {
    const { order, actions, total } = counted(what);
    return row(
      what,
      order,
      actions.reduce((sum, each) => sum + each, 0),
      total,
      dollars(total * STANDARD),
    );
  });
  const head = [row("Order of", "Order", "Actions", "Together", "1,000 orders"), "|---|---|---|---|---|"];
  expect(await table("orders")).toBe([...head, ...rows].join("\n"));
});

it("and what an execution of each machine would cost as Express, if it could be one (N19)", async () => {
  const action = (what: string) => counted(what).actions[0] ?? 0;
  const machines = [
    ["Order, 10 items", counted("10 items").order, 60],
    ["RegisterDomain, RenewDomain, RefreshDomain", action("1 item"), 2],
    ["UpdateDns by a worker", action("1 DNS update by a worker"), 2],
    ["UpdateDns by the legacy service", action("1 DNS update by the legacy service"), 60],
    ["SetUpDomain", action("1 domain set up"), 4],
  ] as const;
  const rows = machines.map(([what, transitions, seconds]) => {
    const express = 1000 * (EXPRESS.request + seconds * EXPRESS.gigabytes * EXPRESS.gigabyteSecond);
    return row(what, transitions, dollars(transitions * STANDARD), `${seconds} s`, dollars(express));
  });
  const head = [row("Execution of", "Transitions", "1,000 as Standard", "Takes, say", "1,000 as Express")];
  expect(await table("machines")).toBe([...head, "|---|---|---|---|---|", ...rows].join("\n"));
});
