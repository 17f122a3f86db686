import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The providers that sst.config.ts pins, as they stand in the platform's node_modules. */
const AWS_PROVIDER = "7.20.0";

/** Any stage of crossfade.config.ts: SST asks for one even to install. */
const STAGE = "staging";

const MINUTE = 60_000;

const versionIn = (file: string): unknown => {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined;
  } catch {
    return undefined;
  }
};

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8").trim() : "");

/** True when SST's platform is there, whole, and of the pinned versions. npm writes its hidden lock last. */
export function isInstalled(root: string): boolean {
  const platform = join(root, ".sst/platform");
  return (
    existsSync(join(platform, "node_modules/.package-lock.json")) &&
    existsSync(join(platform, "config.d.ts")) &&
    textOf(join(platform, "version")) === versionIn(join(root, "node_modules/sst/package.json")) &&
    versionIn(join(platform, "node_modules/@pulumi/aws/package.json")) === AWS_PROVIDER
  );
}

/**
 * Puts SST's platform (its components and Pulumi's SDK, about 300 MB) into `.sst/platform`, from the npm registry alone:
 * no Pulumi program, no provider plugin, no account at AWS. Nothing is done where it is there already.
 * @throws Error with the installer's own words when it fails.
 */
export async function installPlatform(root: string, say: (line: string) => void): Promise<void> {
  if (isInstalled(root)) return;
  say("Installing SST's platform into .sst/platform, once (about 40 s, npm registry only) ...");
  const began = Date.now();
  const child = spawn(process.execPath, [join(root, "node_modules/sst/bin/sst.mjs"), "install"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 10 * MINUTE,
    env: {
      ...process.env,
      SST_STAGE: STAGE,
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
      npm_config_omit: "dev",
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ticking = setInterval(() => say(`  ... still installing, ${seconds(began)} s`), 15_000);
  const code = await new Promise((done, fail) => child.once("error", fail).once("close", done));
  clearInterval(ticking);
  if (code !== 0 || !isInstalled(root)) {
    const why = `SST's platform could not be installed into ${join(root, ".sst/platform")} (sst install ended with ${code}).`;
    const help = "It needs the npm registry; remove .sst and run `npm run platform` again.";
    throw new Error(`${why}\n${said.trim()}\n${help}`);
  }
  say(`  done in ${seconds(began)} s`);
}

const seconds = (since: number): number => Math.round((Date.now() - since) / 1000);

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? "")).href) {
  await installPlatform(resolve(import.meta.dirname, "../.."), (line) => console.log(line)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
