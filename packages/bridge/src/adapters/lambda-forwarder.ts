import {
  InvokeCommand,
  LambdaClient,
  LambdaServiceException,
  RequestTooLargeException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { BridgeError } from "../errors.ts";
import type { ForwardMessage, LegacyForwarder } from "../ports.ts";

/** Lambda measures its own form of the event too; the SDK has no class for that refusal. */
const TOO_LARGE_INSIDE = "SerializedRequestEntityTooLargeException";

/**
 * A client that tries once: an invocation that was accepted and not answered would be repeated by the SDK without a look
 * at the request's row, which every further attempt of ours takes first (A4).
 */
export const invokingClient = (): LambdaClient =>
  new LambdaClient({
    maxAttempts: 1,
    // Milliseconds; a call that hangs must not outlast the function, which has other records in hand.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });

/** Invokes the function that was subscribed to the topic, asynchronously, as SNS invoked it. */
export class LambdaForwarder implements LegacyForwarder<"lambda"> {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  /**
   * Resolves when Lambda has queued the event.
   * @throws BridgeError PAYLOAD_TOO_LARGE (reject), DEPENDENCY_FAILED (retry) for what passes by itself; an error of the
   * SDK where the deployment is at fault (no such function, no permission).
   */
  async send({ target, body }: ForwardMessage<"lambda">): Promise<void> {
    const invoke = new InvokeCommand({
      FunctionName: target.functionArn,
      InvocationType: "Event",
      Payload: Buffer.from(body),
    });
    const { StatusCode } = await this.#client.send(invoke).catch((error: unknown): never => {
      throw translated(error);
    });
    if (StatusCode !== 202) throw notTaken({ status: StatusCode });
  }
}

const notTaken = (details: { readonly status?: number | undefined }, cause?: unknown) =>
  new BridgeError("DEPENDENCY_FAILED", "retry", "the legacy function did not take a message", { details, cause });

function translated(error: unknown): unknown {
  if (!(error instanceof LambdaServiceException)) return notTaken({}, error);
  if (error instanceof RequestTooLargeException || error.name === TOO_LARGE_INSIDE) {
    const details = { field: "body" };
    return new BridgeError("PAYLOAD_TOO_LARGE", "reject", "the event is larger than Lambda takes", {
      details,
      cause: error,
    });
  }
  const passes = error.$fault === "server" || error instanceof TooManyRequestsException;
  return passes ? notTaken({ status: error.$metadata.httpStatusCode }, error) : error;
}
