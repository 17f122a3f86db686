import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import { invalid, type LambdaError, noJson, notSupported } from "./errors.ts";

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; nothing when undefined. */
  readonly body?: unknown;
}

/** Answers a request that is for it; undefined where the request is for another action. */
export type Action = (request: Request) => Promise<Reply> | undefined;

interface ActionSpec<S extends z.ZodRawShape> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Segments in braces are members of the input, as in the API reference. */
  readonly path: string;
  /** Members from path, query and (unless the body is a payload) body; one we do not know is refused by name. */
  readonly input: S;
  readonly payload?: true;
  readonly run: (input: z.infer<z.ZodObject<S, z.core.$strict>>, request: Request) => Reply | Promise<Reply>;
}

export function defineAction<S extends z.ZodRawShape>(spec: ActionSpec<S>): Action {
  const schema = z.strictObject(spec.input);
  return (request) => {
    const inPath = request.method === spec.method ? matchPath(spec.path, request.url.pathname) : undefined;
    if (inPath === undefined) return undefined;
    return (async () => {
      const inBody = spec.payload ? {} : readObject(request.body);
      return spec.run(
        parse(schema, { ...inBody, ...Object.fromEntries(request.url.searchParams), ...inPath }),
        request,
      );
    })();
  };
}

/** Throws the refusal that names what is wrong. */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error);
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (expected.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = given[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name !== undefined) found[name] = decode(value);
    else if (segment !== value) return undefined;
  }
  return found;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid(`not a valid path: ${segment}`);
  }
}

function readObject(body: string): Record<string, unknown> {
  if (body === "") return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  } catch (error) {
    throw noJson(error instanceof SyntaxError ? error.message : "it is no object");
  }
}

function refusal(error: z.ZodError): LambdaError {
  const [issue] = error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    return notSupported(`parameter ${issue.keys.join(", ")}${where && ` of ${where}`}`);
  }
  return invalid(`1 validation error detected: Value at '${where}': ${issue?.message}`);
}
