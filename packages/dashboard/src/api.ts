import * as z from "zod";

/** How the API says no. */
const Refusal = z.object({ code: z.string(), message: z.string(), field: z.string().optional() });

/** Milliseconds for which an answer is awaited. */
const PATIENCE = 20_000;

/** What went wrong between the page and the API; `status` is 0 where no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, { code, message, field }: z.infer<typeof Refusal>, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export interface Api {
  get<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
  send<T>(method: "PUT" | "POST" | "DELETE", path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
}

const unreachable = (cause: unknown): ApiError =>
  new ApiError(0, { code: "UNREACHABLE", message: "The API does not answer. Is this machine online?" }, cause);

async function refused(response: Response): Promise<ApiError> {
  const said = Refusal.safeParse(await response.json().catch(() => undefined));
  const plain = { code: `HTTP_${response.status}`, message: `The API answered with ${response.status}.` };
  return new ApiError(response.status, said.success ? said.data : plain);
}

/** An answer of another shape is a page older or newer than its API. */
function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const message = `The API's answer is not as this page expects it: load the page anew. (${z.prettifyError(read.error)})`;
  throw new ApiError(0, { code: "UNEXPECTED_ANSWER", message }, read.error);
}

/**
 * The API as the pages see it: every answer is parsed, every failure is an ApiError.
 * @param token the access token; it goes into a header alone, never into a cookie or an address.
 * @param onSignedOut called where the API no longer takes the token.
 */
export function createApi(base: string, token: () => Promise<string | undefined>, onSignedOut: () => void): Api {
  async function call<T>(path: string, schema: z.ZodType<T>, init: RequestInit): Promise<T> {
    const bearer = await token();
    const response = await fetch(`${base}${path}`, {
      ...init,
      credentials: "omit",
      cache: "no-store",
      headers: {
        accept: "application/json",
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(init.body !== undefined && { "content-type": "application/json" }),
      },
    }).catch((error: unknown) => {
      if (
        init.signal?.aborted &&
        !(init.signal.reason instanceof DOMException && init.signal.reason.name === "TimeoutError")
      )
        throw error;
      throw unreachable(error);
    });
    if (response.status === 401) onSignedOut();
    if (!response.ok) throw await refused(response);
    if (response.status === 204) return parsed(schema, undefined);
    return parsed(schema, await response.json().catch(() => undefined));
  }
  return {
    get: (path, schema, signal) => {
      const patience = AbortSignal.timeout(PATIENCE);
      return call(path, schema, { signal: signal ? AbortSignal.any([signal, patience]) : patience });
    },
    send: (method, path, body, schema) =>
      call(path, schema, {
        method,
        signal: AbortSignal.timeout(PATIENCE),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}
