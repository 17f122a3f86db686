/** A failure inside an execution: an error name that Retry and Catch match, and its cause. */
export class StateFailure extends Error {
  readonly error: string;
  readonly detail: string;

  constructor(error: string, detail = "") {
    super(detail);
    this.name = error;
    this.error = error;
    this.detail = detail;
  }
}

export const TIMEOUT = "States.Timeout";
export const HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout";
export const DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded";

// Developer guide, "Handling errors": these two end the execution whatever its Retry and Catch say.
const TERMINAL = new Set(["States.Runtime", DATA_LIMIT_EXCEEDED]);
const TIMEOUTS = new Set([TIMEOUT, HEARTBEAT_TIMEOUT]);

/** Whether an ErrorEquals list matches (States Language, "Error names"). */
export function matches(errorEquals: readonly string[], failure: StateFailure): boolean {
  if (TERMINAL.has(failure.error)) return false;
  return errorEquals.some((name) => {
    if (name === failure.error || name === "States.ALL") return true;
    if (name === "States.TaskFailed") return !TIMEOUTS.has(failure.error);
    return name === TIMEOUT && failure.error === HEARTBEAT_TIMEOUT;
  });
}

export function dataLimitExceeded(what: string): StateFailure {
  return new StateFailure(
    DATA_LIMIT_EXCEEDED,
    `${what} has a size exceeding the maximum number of bytes service limit.`,
  );
}
