import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionHost, InvocationResult } from "../contract.ts";

/** An event that a function failed in every attempt. */
export interface DroppedEvent {
  readonly functionName: string;
  readonly payload: unknown;
  /** How the last attempt ended. */
  readonly result: InvocationResult;
}

export interface AsyncOptions {
  /**
   * Milliseconds before each retry. Lambda makes two, after one minute and two (guide, "How Lambda handles errors and
   * retries with asynchronous invocation").
   */
  readonly retryDelaysMs?: readonly number[];
  /** Told of each event that is given up. There are no destinations or dead-letter queues here: it is gone. */
  readonly onDropped?: (event: DroppedEvent) => void;
}

const SHORT_DELAYS_MS = [100, 200];

/** Events that wait for their function, in memory. */
export class AsyncInvocations {
  readonly #functions: FunctionHost;
  readonly #options: AsyncOptions;
  readonly #closing = new AbortController();
  readonly #pending = new Set<Promise<void>>();

  constructor(functions: FunctionHost, options: AsyncOptions = {}) {
    this.#functions = functions;
    this.#options = options;
  }

  /** Returns at once. What comes after close() is dropped. */
  accept(functionName: string, payload: unknown): void {
    if (this.#closing.signal.aborted) return;
    const pending = this.#run(functionName, payload).finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }

  /** Resolves when no event waits or runs. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Attempts that run are finished; retries are given up. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  async #run(functionName: string, payload: unknown): Promise<void> {
    const { retryDelaysMs = SHORT_DELAYS_MS, onDropped } = this.#options;
    let result = await this.#attempt(functionName, payload);
    for (const delay of retryDelaysMs) {
      if (result.kind === "returned") return;
      await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      result = await this.#attempt(functionName, payload);
    }
    if (result.kind === "failed") onDropped?.({ functionName, payload, result });
  }

  /** A function that is not there fails as one that throws. */
  async #attempt(functionName: string, payload: unknown): Promise<InvocationResult> {
    try {
      return await this.#functions.invoke(functionName, payload);
    } catch (error) {
      return { kind: "failed", errorType: "ResourceNotFoundException", errorMessage: String(error), trace: [] };
    }
  }
}
