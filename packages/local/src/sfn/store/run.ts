import { Cancellation } from "../run/cancellation.ts";
import { after } from "../run/timers.ts";

/** One run of an execution: from its start, or from a redrive, to its end. */
export class Run {
  readonly cancellation = new Cancellation();
  /** Resolves when the run has ended, however it ended. */
  readonly ended: Promise<void>;
  readonly #resolveEnded: () => void;
  readonly #stopTimer: () => void;

  /** The machine's limit counts anew for each run (developer guide, "Restarting state machine executions"). */
  constructor(timeoutSeconds: number | undefined, onTimeout: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#stopTimer = timeoutSeconds === undefined ? () => {} : after(timeoutSeconds * 1000, onTimeout);
  }

  end(): void {
    this.discard();
    this.#resolveEnded();
  }

  /** Lets go of timers and waiters, and tells nobody. */
  discard(): void {
    this.#stopTimer();
    this.cancellation.cancel();
  }
}
