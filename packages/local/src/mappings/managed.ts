import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Mapping } from "./mapping.ts";
import type { QueueMappingOptions } from "./sqs.ts";
import type { StreamMapping, StreamMappingOptions } from "./stream.ts";

/** The states of an event source mapping (Lambda API reference, EventSourceMappingConfiguration). */
export type MappingState = "Creating" | "Enabling" | "Enabled" | "Disabling" | "Disabled" | "Updating" | "Deleting";

/** What a mapping reads, what it invokes and how. */
export type MappingSettings =
  | { readonly kind: "queue"; readonly options: QueueMappingOptions }
  | { readonly kind: "stream"; readonly options: StreamMappingOptions };

export type Start = (settings: MappingSettings) => Mapping | StreamMapping;

/**
 * An event source mapping that can be changed, switched off and on again. A change waits for what is in hand, and is
 * over when the state is again Enabled or Disabled; until then the mapping must not be changed.
 */
export class ManagedMapping {
  readonly uuid = randomUUID();
  readonly #start: Start;
  readonly #transitionMs: number;
  #settings: MappingSettings;
  #state: MappingState = "Creating";
  #reason = "User action";
  #modifiedAt = new Date();
  #running: Mapping | StreamMapping | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(settings: MappingSettings, start: Start, transitionMs: number) {
    this.#settings = settings;
    this.#start = start;
    this.#transitionMs = transitionMs;
  }

  get settings(): MappingSettings {
    return this.#settings;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** Why it has its state. */
  get reason(): string {
    return this.#reason;
  }

  get modifiedAt(): Date {
    return this.#modifiedAt;
  }

  /** Whether it may be changed. */
  get isSettled(): boolean {
    return this.#state === "Enabled" || this.#state === "Disabled";
  }

  /** The new mapping of a program, which waits for nothing. Throws where it cannot start. */
  startNow(isEnabled: boolean): void {
    if (isEnabled) this.#running = this.#start(this.#settings);
    this.#enter(isEnabled ? "Enabled" : "Disabled");
  }

  /** Goes through a transient state to Enabled or Disabled. */
  change(through: MappingState, settings: MappingSettings, isEnabled: boolean): void {
    this.#settings = settings;
    this.#enter(through);
    this.#changing = this.#settle(isEnabled).catch((error: unknown) => {
      this.#reason = String(error);
      this.#enter("Disabled");
    });
  }

  /** Ends it; resolves once what was in hand is done. Safe to call more than once. */
  async end(): Promise<void> {
    this.#enter("Deleting");
    await this.#changing;
    this.#enter("Deleting");
    await this.#running?.stop();
    await sleep(this.#transitionMs);
  }

  /** See StreamMapping. Rejects where the mapping is not running, or reads a queue. */
  async caughtUp(): Promise<void> {
    const running = this.#running;
    if (running === undefined || !("caughtUp" in running)) throw new Error(`no stream is read: ${this.#state}`);
    await running.caughtUp();
  }

  async #settle(isEnabled: boolean): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
    // Not at once, however short the time: the answer to the request still shows the transient state.
    await sleep(this.#transitionMs);
    if (this.#state === "Deleting") return;
    if (isEnabled) this.#running = this.#start(this.#settings);
    this.#enter(isEnabled ? "Enabled" : "Disabled");
  }

  #enter(state: MappingState): void {
    this.#state = state;
    this.#modifiedAt = new Date();
  }
}
