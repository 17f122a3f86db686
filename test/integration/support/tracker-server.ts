import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

/** An event as the tracker's ingest gets it: every field that is there is there in the test too. */
export const TrackedEvent = z.looseObject({
  level: z.string(),
  tags: z.record(z.string(), z.string()),
  exception: z.object({ values: z.array(z.looseObject({ type: z.string(), value: z.string().optional() })).min(1) }),
});
export type TrackedEvent = z.infer<typeof TrackedEvent>;

export interface TrackerServer {
  readonly dsn: string;
  /** Every request as it came: its line, its headers and its body. */
  readonly raw: string[];
  readonly events: TrackedEvent[];
  /** What it answers from now on; `silence`: nothing, ever. */
  answer(status: number | "silence"): void;
  /** Forgets what came, and answers again. */
  forget(): void;
  close(): Promise<void>;
}

/** The environment of a function whose tracker is that server, and whose log and metrics stay out of the tests' output. */
export const trackedBy = ({ dsn }: TrackerServer, flushMs: number) => ({
  SENTRY_DSN: dsn,
  TRACKER_FLUSH_MS: String(flushMs),
  POWERTOOLS_METRICS_DISABLED: "true",
  POWERTOOLS_LOG_LEVEL: "SILENT",
});

/** An envelope: a header and then items, each a header and a payload, a line of JSON each. */
function eventsIn(body: string): TrackedEvent[] {
  const [, ...lines] = body.split("\n").filter((line) => line !== "");
  return lines.flatMap((line, i) =>
    i % 2 === 0 && JSON.parse(line).type === "event" ? [TrackedEvent.parse(JSON.parse(lines[i + 1] ?? ""))] : [],
  );
}

/** Stands for an exception tracker: takes envelopes over HTTP. */
export async function startTrackerServer(): Promise<TrackerServer> {
  const raw: string[] = [];
  const events: TrackedEvent[] = [];
  let status: number | "silence" = 200;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    raw.push(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n${body}`);
    if (request.url?.startsWith("/api/42/envelope/")) events.push(...eventsIn(body));
    if (status !== "silence") response.writeHead(status).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    dsn: `http://publickey@127.0.0.1:${address.port}/42`,
    raw,
    events,
    answer: (next) => {
      status = next;
    },
    forget() {
      status = 200;
      raw.length = 0;
      events.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
