import { HEARTBEAT_TIMEOUT, StateFailure, TIMEOUT } from "../failure.ts";
import { after } from "./timers.ts";

export interface Limits {
  /** Seconds a task may run, counted from its start event. */
  readonly timeoutSeconds: number | undefined;
  /** Seconds it may be silent. */
  readonly heartbeatSeconds: number | undefined;
}

/** Bounds one attempt of a task. The count begins when the task starts (developer guide, "Task state", TimeoutSeconds). */
export class TaskClock {
  /** Rejects with States.Timeout or States.HeartbeatTimeout. */
  readonly expired: Promise<never>;
  readonly #limits: Limits;
  readonly #reject: (failure: StateFailure) => void;
  #stopTimeout = () => {};
  #stopHeartbeat = () => {};
  #running = false;

  constructor(limits: Limits) {
    const { promise, reject } = Promise.withResolvers<never>();
    // Whoever runs the task races it; a task that ended first leaves nobody to hear of the expiry.
    promise.catch(() => {});
    this.expired = promise;
    this.#reject = reject;
    this.#limits = limits;
  }

  /** Counts from now, also when it was started before: a task may go from a lost worker to another. */
  start(): void {
    this.stop();
    this.#running = true;
    const { timeoutSeconds } = this.#limits;
    if (timeoutSeconds !== undefined) this.#stopTimeout = this.#expireAfter(timeoutSeconds, TIMEOUT);
    this.beat();
  }

  beat(): void {
    const { heartbeatSeconds } = this.#limits;
    if (!this.#running || heartbeatSeconds === undefined) return;
    this.#stopHeartbeat();
    this.#stopHeartbeat = this.#expireAfter(heartbeatSeconds, HEARTBEAT_TIMEOUT);
  }

  stop(): void {
    this.#running = false;
    this.#stopTimeout();
    this.#stopHeartbeat();
  }

  #expireAfter(seconds: number, error: string): () => void {
    return after(seconds * 1000, () => this.#reject(new StateFailure(error)));
  }
}
