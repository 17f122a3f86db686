/** An API error under the name and status that Lambda gives it (API reference, "Errors" of each action). */
export class LambdaError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = "LambdaError";
    this.code = code;
    this.status = status;
  }
}

export const invalid = (message: string) => new LambdaError("InvalidParameterValueException", 400, message);
/** What the server does not do it refuses by name. */
export const notSupported = (what: string) => invalid(`not supported by the local cloud: ${what}`);
export const notFound = (what: string) => new LambdaError("ResourceNotFoundException", 404, what);
export const functionNotFound = (arn: string) => notFound(`Function not found: ${arn}`);
export const inUse = (what: string) => new LambdaError("ResourceInUseException", 400, what);
export const conflict = (what: string) => new LambdaError("ResourceConflictException", 409, what);
export const tooLarge = (bytes: number, limit: number) =>
  new LambdaError("RequestTooLargeException", 413, `A payload of ${bytes} bytes is over the limit of ${limit} bytes.`);
export const noJson = (why: string) =>
  new LambdaError("InvalidRequestContentException", 400, `Could not parse the request body as JSON: ${why}`);
