import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Attachment, type Direction, PERSONS, STEPS } from "./steps.ts";

const ROWS: Readonly<Record<string, Attachment>> = {
  "queue, a function": "queue-lambda",
  "queue, a process": "queue-process",
  topic: "topic",
  tap: "tap",
};

it("are in the order that the architecture promises, a person's in italics", () => {
  const document = readFileSync(new URL("../../../../docs/architecture.md", import.meta.url), "utf8");
  const [, table = ""] = /\| Source \| attach \| detach \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(document) ?? [];
  const found = new Map<string, unknown>();
  for (const line of table.trim().split("\n")) {
    const [source = "", ...ways] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [attach, detach] = ways.map((way) => way.split(", "));
    found.set(ROWS[source] ?? source, { attach, detach });
  }
  const written = (kind: Attachment, direction: Direction) =>
    STEPS[kind][direction].map((step) => (PERSONS.has(step) ? `*${step}*` : step));
  for (const kind of Object.values(ROWS)) {
    expect(found.get(kind)).toEqual({ attach: written(kind, "attach"), detach: written(kind, "detach") });
  }
});
