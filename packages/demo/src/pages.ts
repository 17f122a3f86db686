import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const APP = join(ROOT, "packages/dashboard");
const DIST = join(APP, "dist");
const INDEX = join(DIST, "index.html");

const newestIn = (folder: string): number =>
  Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );

/** Of what the pages are made of: their own files, and the bridge's schemas. */
const newestSource = (): number =>
  Math.max(
    newestIn(join(APP, "src")),
    newestIn(join(ROOT, "packages/bridge/src")),
    statSync(join(APP, "index.html")).mtimeMs,
  );

const isBuilt = (): boolean => existsSync(INDEX) && statSync(INDEX).mtimeMs >= newestSource();

/**
 * The built dashboard; it is built first where it is not there, or older than what it is made of.
 * @returns its folder; undefined where it cannot be built, which is said.
 */
export async function builtPages(say: (text: string) => void): Promise<string | undefined> {
  if (!existsSync(join(APP, "index.html"))) return undefined;
  if (isBuilt()) return DIST;
  say("Building the dashboard's pages ...");
  try {
    await promisify(execFile)("npm", ["run", "--silent", "build"], { cwd: APP });
    return DIST;
  } catch (error) {
    const why = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    say(`The dashboard's pages cannot be built, and its API is served alone: ${why}`);
    return undefined;
  }
}
