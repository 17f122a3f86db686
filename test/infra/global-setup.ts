import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { installPlatform } from "./install-platform.ts";
import { synthesise } from "./synth/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** By stage: the file of its synthesis. */
    readonly syntheses: Readonly<Record<string, string>>;
  }
}

/** Both stages are evaluated once, for all files of tests; production is the one whose functions are run. What is wrong with the config itself ends the run here. */
export default async ({ provide }: TestProject): Promise<void> => {
  const root = resolve(import.meta.dirname, "../..");
  await installPlatform(root, (line) => console.log(line));
  const done = [
    await synthesise({ root, stage: "production" }),
    await synthesise({ root, stage: "staging", bundles: false }),
  ];
  provide("syntheses", Object.fromEntries(done.map(({ stage, file }) => [stage, file])));
};
