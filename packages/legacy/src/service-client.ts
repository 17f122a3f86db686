import type * as z from "zod";
import type { RefusalCode } from "./commands.ts";
import { FindAnswer, SendAnswer, SessionAnswer } from "./service-protocol.ts";

/** Why a service gave no answer that can be relied upon. After any of them it is open whether a command took effect. */
export type ServiceErrorCode =
  /** A later session of the same client exists: whoever sees this has been replaced, and must stop. */
  | "SESSION_CLOSED"
  /** A later request of the session arrived first. */
  | "OUT_OF_ORDER"
  | "TIMED_OUT"
  | "CONNECTION_LOST"
  | "INVALID_ANSWER";

export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: ServiceErrorCode;
  /** Trying again is expected to help: nobody need be told. */
  readonly passes: boolean;

  constructor(code: ServiceErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.passes = code !== "INVALID_ANSWER";
  }
}

export type Ended<Result> =
  | { readonly status: "done"; readonly result: Result }
  | { readonly status: "refused"; readonly code: RefusalCode; readonly message: string };
export type Sent<Result> = Ended<Result> | { readonly status: "unavailable"; readonly message: string };
export type Found<Result> = Ended<Result> | { readonly status: "unknown" };

/** An external service as one worker session sees it; one request at a time. */
export interface ServiceClient<Command, Result> {
  /**
   * Opens a session and closes that client's earlier one at the service: whatever an earlier worker still sends is
   * refused there.
   */
  login(clientId: string): Promise<void>;
  /** @throws ServiceError: whether the command took effect is open. */
  send(commandId: string, command: Command): Promise<Sent<Result>>;
  /** @throws ServiceError. */
  find(commandId: string): Promise<Found<Result>>;
}

export interface ServiceAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** Milliseconds to wait for an answer; 10,000 unless given. */
  readonly timeoutMs?: number;
}

/** Posts a body and reads the answer's text, whatever its HTTP status: the answer says by itself what it means. */
export async function exchange(url: string, timeoutMs: number, body: unknown): Promise<string> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await response.text();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "TimeoutError") {
      throw new ServiceError("TIMED_OUT", `no answer in ${timeoutMs} ms`, cause);
    }
    throw new ServiceError("CONNECTION_LOST", "the connection was lost", cause);
  }
}

/** @throws ServiceError INVALID_ANSWER. */
export function understand<Answer>(text: string, schema: z.ZodType<Answer>): Answer {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ServiceError("INVALID_ANSWER", "the answer breaks the service's contract", cause);
  }
}

/** The HTTP client of a service that answers a command with `result`. */
export function httpService<Command, Result>(
  { url, timeoutMs = 10_000 }: ServiceAddress,
  result: z.ZodType<Result>,
): ServiceClient<Command, Result> {
  let session: string | undefined;
  let sequence = 0;

  /** The result of a done command is parsed here; a rejection becomes an error. */
  function accept<Other extends { readonly status: "refused" | "unavailable" | "unknown" }>(
    answer: Other | Extract<SendAnswer, { status: "done" | "rejected" }>,
  ): Other | { readonly status: "done"; readonly result: Result } {
    if (answer.status === "rejected") throw new ServiceError(answer.code, answer.message);
    if (answer.status !== "done") return answer;
    const parsed = result.safeParse(answer.result);
    if (parsed.success) return { status: "done", result: parsed.data };
    throw new ServiceError("INVALID_ANSWER", "the result breaks the service's contract", parsed.error);
  }

  const post = async (path: string, body: object): Promise<string> => {
    if (session === undefined) throw new ServiceError("SESSION_CLOSED", "login first");
    sequence += 1;
    return exchange(`${url}${path}`, timeoutMs, { ...body, session, sequence });
  };

  return {
    async login(clientId) {
      const text = await exchange(`${url}/sessions`, timeoutMs, { clientId });
      ({ session } = understand(text, SessionAnswer));
      sequence = 0;
    },
    send: async (commandId, command) => accept(understand(await post("/commands", { commandId, command }), SendAnswer)),
    find: async (commandId) => accept(understand(await post("/commands/find", { commandId }), FindAnswer)),
  };
}
