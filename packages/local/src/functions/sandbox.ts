import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { InvocationResult } from "../contract.ts";
import { exitFailure, type Failure, failureOf, timeoutFailure } from "./failure.ts";
import { Answer, type Request, type WorkerData } from "./messages.ts";
import type { Identity } from "./runner.ts";

/** Lambda's limit for loading a function (guide, "Understanding the Lambda execution environment lifecycle"). */
const INIT_SECONDS = 10;

interface InHand {
  readonly requestId: string;
  readonly resolve: (result: InvocationResult) => void;
}

/**
 * One thread with one bundle in it, as Lambda has sandboxes: one invocation at a time, and a failure that is not the
 * handler's own answer (a timeout, an exit, an error that nobody caught) ends it. Unlike Lambda's it is not frozen
 * between invocations.
 */
export class Sandbox {
  readonly #fn: Identity;
  readonly #worker: Worker;
  /** Resolves when the bundle has loaded, or when it never will. */
  readonly #loaded = Promise.withResolvers<void>();
  #inHand: InHand | undefined;
  #failure: Failure | undefined;

  constructor(fn: Identity, data: WorkerData, environment: Readonly<Record<string, string>>) {
    this.#fn = fn;
    const script = new URL("./worker.ts", import.meta.url);
    this.#worker = new Worker(script, { workerData: data, env: { ...environment }, execArgv: [] });
    const tooLong = setTimeout(() => this.#fail(timeoutFailure("init", INIT_SECONDS)), INIT_SECONDS * 1000);
    void this.#loaded.promise.then(() => clearTimeout(tooLong));
    this.#worker.on("message", (message: unknown) => {
      // A bundle can post what it likes to its parent; only our own answers are taken.
      const answer = Answer.safeParse(message);
      if (answer.success) this.#take(answer.data);
    });
    this.#worker.on("error", (error: unknown) => this.#fail(failureOf(error)));
    this.#worker.on("exit", (code) => this.#fail(exitFailure(this.#inHand?.requestId ?? "init", code)));
  }

  /** Whether it can take another invocation. */
  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  /** Not while another invocation is in hand. The function's timeout counts from when its bundle has loaded. */
  async invoke(event: string): Promise<InvocationResult> {
    await this.#loaded.promise;
    if (this.#failure !== undefined) return this.#failure;

    const requestId = randomUUID();
    const { name: functionName, arn: functionArn, timeoutSeconds } = this.#fn;
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.#inHand = { requestId, resolve };
    const timer = setTimeout(() => this.#fail(timeoutFailure(requestId, timeoutSeconds)), timeoutSeconds * 1000);
    const deadline = Date.now() + timeoutSeconds * 1000;
    this.#worker.postMessage({ functionName, functionArn, requestId, deadline, event } satisfies Request);
    const result = await promise;
    clearTimeout(timer);
    return result;
  }

  /** An invocation in hand fails. Safe to call more than once. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(answer: Answer): void {
    if (answer.kind === "ready") this.#loaded.resolve();
    else if (answer.kind === "crashed") this.#fail({ ...answer, kind: "failed" });
    else if (answer.requestId === this.#inHand?.requestId) {
      const returned = answer.kind === "returned";
      this.#inHand.resolve(returned ? { kind: "returned", payload: JSON.parse(answer.payload) } : answer);
      this.#inHand = undefined;
    }
  }

  /** The first failure is the one that counts: ending the thread makes another. */
  #fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#loaded.resolve();
    this.#inHand?.resolve(failure);
    this.#inHand = undefined;
    void this.end();
  }
}
