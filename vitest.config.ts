import { defineConfig } from "vitest/config";

/** The configuration's own account, also in a terminal from which somebody deploys. */
const env = { CROSSFADE_ACCOUNT_ID: "000000000000" };

export default defineConfig({
  test: {
    // Most of the time is spent waiting, for queues and clocks: more files at once than there are cores to spare.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          env,
          include: ["packages/*/src/**/*.test.ts", "examples/**/*.test.ts", "test/model/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          env,
          include: ["packages/*/src/**/*.itest.ts", "examples/**/*.itest.ts", "test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "infra",
          env,
          include: ["test/infra/**/*.test.ts"],
          globalSetup: ["test/infra/global-setup.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
