import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WebcatActivity } from "@crossfade/legacy";

/** A worker in a process of its own, as it would run in a container: it can be killed. */
export class WorkerProcess {
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #verbose: boolean;
  #child: ChildProcess | undefined;

  constructor(activity: WebcatActivity, env: Readonly<Record<string, string>>, verbose: boolean) {
    this.#file = fileURLToPath(import.meta.resolve(`@crossfade/functions/webcat/${activity}-worker`));
    this.#env = env;
    this.#verbose = verbose;
  }

  start(): void {
    const env = { ...process.env, ...this.#env };
    const child = spawn(process.execPath, [this.#file], { env, stdio: ["ignore", this.#verbose ? 2 : "ignore", 2] });
    this.#child = child;
    process.once("exit", () => child.kill("SIGKILL"));
  }

  /** SIGKILL: whatever it was doing is left as it is. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM: the task in hand is ended first. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
