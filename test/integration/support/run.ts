import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a shell command in the repository, as a reader of the docs would. With `until`, it is interrupted (Ctrl-C) as
 * soon as stdout matches. It gets this process's environment, unless given another.
 */
export async function runCommand(
  command: string,
  until?: RegExp,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Ran> {
  // `exec` puts the command in the shell's place, so that the signal reaches it and not a shell around it.
  const child = spawn(`exec ${command}`, {
    cwd: ROOT,
    shell: true,
    detached: true,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let interrupted = false;
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (interrupted || until === undefined || !until.test(stdout) || child.pid === undefined) return;
    interrupted = true;
    process.kill(-child.pid, "SIGINT");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
