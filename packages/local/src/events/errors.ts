/** An API error under the name that EventBridge gives it (API reference, "Errors" of each action). */
export class EventsError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "EventsError";
    this.code = code;
  }
}

/** What the server does not do it refuses by name. */
export const notSupported = (what: string, code = "ValidationException") =>
  new EventsError(code, `not supported by the local cloud: ${what}`);
export const invalid = (message: string) => new EventsError("ValidationException", message);
export const invalidPattern = (reason: string) =>
  new EventsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
export const ruleDoesNotExist = (name: string) =>
  new EventsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
