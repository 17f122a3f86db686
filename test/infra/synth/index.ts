import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Synthesis } from "./synthesis.ts";

export { Resource, Synthesis } from "./synthesis.ts";

/** The secrets that a stage has been given; their values are nobody's. */
const SECRETS: Readonly<Record<string, string>> = {
  SST_SECRET_TokenKey: Buffer.alloc(32, 7).toString("base64"),
  SST_SECRET_StripeSecretKey: "sk_test_none",
};

export interface Synthesising {
  /** The folder of sst.config.ts. */
  readonly root: string;
  /** The folder whose `.sst/platform` is used. */
  readonly installed?: string;
  readonly stage: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Its folder under `.sst/synth`, where a test evaluates a stage once more; the stage's own unless given. */
  readonly into?: string;
  /** False where nobody runs the functions: their handlers are looked for, and not bundled. */
  readonly bundles?: boolean;
}

/** Milliseconds; it takes a few seconds where nothing else is at work. */
const WITHIN = 300_000;

/**
 * Evaluates the config in `root` for a stage: every resource with the inputs that AWS would be sent, and every function
 * bundled. Nothing is called but this machine.
 * @throws Error with the program's own words when the config is refused.
 */
export async function synthesise(given: Synthesising): Promise<Synthesis> {
  const { root, installed = root, stage, environment, bundles = true, into = stage } = given;
  const file = join(root, ".sst/synth", into, "synthesis.json");
  await rm(file, { force: true });
  const program = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program, root, installed, stage, file, bundles ? "bundled" : "bare"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: WITHIN,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...SECRETS, ...environment },
  });
  const ended = new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
  const [said, wrong, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code === null) throw new Error(`stage ${stage} of ${root}/sst.config.ts took longer than ${WITHIN / 1_000} s`);
  if (code !== 0) throw new Error(`stage ${stage} of ${root}/sst.config.ts could not be evaluated:\n${wrong}${said}`);
  return readSynthesis(file);
}

export const readSynthesis = async (file: string): Promise<Synthesis> =>
  Synthesis.parse(JSON.parse(await readFile(file, "utf8")));
