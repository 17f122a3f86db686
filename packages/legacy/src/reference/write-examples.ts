import { writeFileSync } from "node:fs";
import { type SampleTrafficOptions, sampleTraffic } from "./sample-traffic.ts";

/** The files under examples/ and what they are made from. */
export const EXAMPLES: Readonly<Record<string, SampleTrafficOptions>> = {
  "webcat.jsonl": { seed: 7, messages: 600 },
  "webcat-small.jsonl": { seed: 21, messages: 120 },
};

/** Where examples/ is. */
export const exampleUrl = (name: string): URL => new URL(`../../../../examples/${name}`, import.meta.url);

export const exampleText = (options: SampleTrafficOptions): string =>
  Array.from(sampleTraffic(options), (line) => `${JSON.stringify(line)}\n`).join("");

if (import.meta.main) {
  for (const [name, options] of Object.entries(EXAMPLES)) writeFileSync(exampleUrl(name), exampleText(options));
}
