import { randomBytes } from "node:crypto";
import { SfnError } from "../errors.ts";
import { StateFailure } from "../failure.ts";
import { type Json, parseJson } from "../json.ts";

/** A task that somebody outside must answer, known to them by its token. */
export class PendingTask {
  readonly token: string;
  /** What SendTaskSuccess gave; rejects with StateFailure after SendTaskFailure. */
  readonly result: Promise<Json>;
  readonly #settle: { resolve: (output: Json) => void; reject: (failure: StateFailure) => void };
  readonly #close: () => void;
  #onHeartbeat = () => {};
  #isOpen = true;

  constructor(token: string, close: () => void) {
    this.token = token;
    this.#close = close;
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    // The answer may come before the task waits for it.
    promise.catch(() => {});
    this.result = promise;
    this.#settle = { resolve, reject };
  }

  succeed(output: string): void {
    this.close();
    this.#settle.resolve(parseJson(output));
  }

  fail(error: string, cause: string): void {
    this.close();
    this.#settle.reject(new StateFailure(error, cause));
  }

  heartbeat(): void {
    this.#onHeartbeat();
  }

  onHeartbeat(listener: () => void): void {
    this.#onHeartbeat = listener;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** From now on the token is answered with TaskTimedOut. */
  close(): void {
    this.#isOpen = false;
    this.#close();
  }
}

const SHAPE = /^AQ([0-9a-f]{16})[0-9a-f]{48}$/;

/** The open task tokens. A token tells which server made it, so that closed ones need no memory. */
export class TaskTokens {
  readonly #server = randomBytes(8).toString("hex");
  readonly #open = new Map<string, PendingTask>();

  open(): PendingTask {
    const token = Buffer.from(`AQ${this.#server}${randomBytes(24).toString("hex")}`).toString("base64");
    const task = new PendingTask(token, () => this.#open.delete(token));
    this.#open.set(token, task);
    return task;
  }

  /** Throws TaskTimedOut for a closed task, TaskDoesNotExist for another server's, InvalidToken for anything else. */
  get(token: string): PendingTask {
    const task = this.#open.get(token);
    if (task !== undefined) return task;
    const server = SHAPE.exec(Buffer.from(token, "base64").toString("latin1"))?.[1];
    if (server === undefined) throw new SfnError("InvalidToken", "Invalid Token: 'Invalid token'");
    if (server !== this.#server) throw new SfnError("TaskDoesNotExist", "Task does not exist");
    const reason = "Provided task does not exist anymore, or has already been closed";
    throw new SfnError("TaskTimedOut", `Task Timed Out: '${reason}'`);
  }
}
