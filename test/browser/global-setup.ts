import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { chromiumPath } from "./support/chromium.ts";
import { DIST } from "./support/fixtures/server.ts";
import { ARTIFACTS } from "./support/shots.ts";

export async function setup(): Promise<void> {
  chromiumPath();
  if (!existsSync(DIST)) throw new Error("the dashboard is not built: npm run dashboard");
  await rm(ARTIFACTS, { recursive: true, force: true });
}
