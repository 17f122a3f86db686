/** An API error under the name that AWS gives it (API reference, "Errors" of each action). */
export class SfnError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "SfnError";
    this.code = code;
  }
}

/** What the server does not do it refuses by name. */
export function notSupported(what: string, code = "ValidationException"): SfnError {
  return new SfnError(code, `not supported by the local cloud: ${what}`);
}

export const machineDoesNotExist = (arn: string) =>
  new SfnError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
export const executionDoesNotExist = (arn: string) =>
  new SfnError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
export const executionNotRedrivable = (arn: string, reason: string) =>
  new SfnError("ExecutionNotRedrivable", `Execution ${arn} invalid for redrive as: ${reason}`);
export const activityDoesNotExist = (arn: string) =>
  new SfnError("ActivityDoesNotExist", `Activity does not exist: '${arn}'`);
export const invalidDefinition = (detail: string) =>
  new SfnError("InvalidDefinition", `Invalid State Machine Definition: '${detail}'`);
export const invalidArn = (arn: string) => new SfnError("InvalidArn", `Invalid Arn: '${arn}'`);
