import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Of its own, and not a part of `npm test`: it needs a browser. `npm run browser` runs it. */
export default defineConfig({
  root: here("../.."),
  test: {
    name: "browser",
    env: { CROSSFADE_ACCOUNT_ID: "000000000000" },
    include: ["test/browser/**/*.test.ts"],
    globalSetup: [here("global-setup.ts")],
    // A browser and an embedded cloud fill two cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
