import { createTransport, type ErrorEvent, Scope, type StackFrame } from "@sentry/core";
import { ServerRuntimeClient } from "@sentry/core/server";
import type { ErrorFacts, Frame } from "./error-facts.ts";
import { type Report, type ReportSender, TAGS } from "./exception-tracker.ts";

export interface SentryOptions {
  readonly dsn: string;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  onLost(): void;
}

/** Nothing is collected by itself: every field of the SDK's own choosing is off. */
const NO_COLLECTION = {
  userInfo: false,
  cookies: false,
  httpHeaders: false,
  httpBodies: [],
  urlQueryParams: false,
  graphQL: { document: false, variables: false },
  genAI: { inputs: false, outputs: false },
  mcp: { inputs: false, outputs: false },
  databaseQueryData: false,
  queues: false,
  stackFrameVariables: false,
  frameContextLines: 0,
};

const ALLOWED_TAGS: ReadonlySet<string> = new Set([...TAGS, "service", "code", "disposition"]);

const frame = ({ function: called, file, line, column }: Frame): StackFrame => ({
  ...(called !== undefined && { function: called }),
  // The prefix under which the tracker looks for source maps, whatever folder the code was in.
  filename: file.startsWith("node:") ? file : `app:///${file}`,
  lineno: line,
  colno: column,
  in_app: !file.startsWith("node:"),
});

const exceptionOf = ({ name, message, frames }: ErrorFacts) => ({
  type: name,
  ...(message !== undefined && { value: message }),
  ...(frames.length > 0 && { stacktrace: { frames: frames.map(frame).reverse() } }),
});

function eventOf({ what, facts, tags }: Report): ErrorEvent {
  const { code, disposition } = facts;
  return {
    type: undefined,
    platform: "node",
    level: disposition === "fatal" ? "fatal" : "error",
    transaction: what,
    exception: { values: [exceptionOf(facts)] },
    tags: { ...tags, ...(code && { code }), ...(disposition && { disposition }) },
    fingerprint: [tags["service"] ?? "", what, facts.name, code ?? ""],
  };
}

/** What the SDK has added on the way is left behind: only what eventOf gave, and the SDK's own marks, go out. */
export function allowed(event: ErrorEvent): ErrorEvent {
  const { type, event_id, timestamp, platform, level, environment, release, transaction, exception, fingerprint } =
    event;
  const tags = Object.fromEntries(Object.entries(event.tags ?? {}).filter(([tag]) => ALLOWED_TAGS.has(tag)));
  const values = exception?.values?.map(({ type, value, stacktrace }) => ({
    ...(type !== undefined && { type }),
    ...(value !== undefined && { value }),
    ...(stacktrace?.frames && { stacktrace: { frames: stacktrace.frames.map(placeOf) } }),
  }));
  const given = { event_id, timestamp, platform, level, environment, release, transaction, fingerprint };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { type, ...known, tags, ...(values && { exception: { values } }) };
}

const placeOf = ({ function: called, filename, lineno, colno, in_app }: StackFrame): StackFrame =>
  Object.fromEntries(
    Object.entries({ function: called, filename, lineno, colno, in_app }).filter(([, v]) => v != null),
  );

const textOf = (body: string | Uint8Array): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);

/** Errors to Sentry, through its SDK's client alone: no integrations, no globals, one request for each report. */
export function sentrySender(options: SentryOptions): ReportSender {
  const client = new ServerRuntimeClient({
    dsn: options.dsn,
    ...(options.environment !== undefined && { environment: options.environment }),
    ...(options.release !== undefined && { release: options.release }),
    integrations: [],
    stackParser: () => [],
    dataCollection: NO_COLLECTION,
    maxBreadcrumbs: 0,
    sendClientReports: false,
    traceLifecycle: "static",
    beforeSend: allowed,
    transport: (to) =>
      createTransport(to, async ({ body }) => {
        const signal = AbortSignal.timeout(options.timeoutMs);
        const sent = fetch(to.url, { method: "POST", headers: to.headers ?? {}, body: textOf(body), signal });
        const answer = await sent.catch((error: unknown) => {
          options.onLost();
          throw error;
        });
        await answer.arrayBuffer();
        if (!answer.ok) options.onLost();
        const limits = answer.headers.get("x-sentry-rate-limits");
        const retryAfter = answer.headers.get("retry-after");
        return { statusCode: answer.status, headers: { "x-sentry-rate-limits": limits, "retry-after": retryAfter } };
      }),
  });
  return {
    send: (report) => {
      client.captureEvent(eventOf(report), {}, new Scope());
    },
    drain: async () => {
      await client.flush();
    },
  };
}
