import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { type End, Job } from "../worker/carrier-client.ts";

/** A job that the carrier has done or refused. */
export interface CarrierJob {
  readonly id: string;
  readonly job: Job;
  readonly end: End;
}

/** What a carrier does wrong, by the job's reference: each once. */
export interface CarrierTroubles {
  /** Says that it is busy, and does nothing. */
  readonly busy?: ReadonlySet<string>;
  /** Does the job, and the connection is lost before the answer. */
  readonly silent?: ReadonlySet<string>;
}

export interface Carrier {
  readonly url: string;
  /** Every job in the order in which it was done; one that was sent twice stands there twice. */
  jobs(): readonly CarrierJob[];
  stop(): Promise<void>;
}

/** In grams; the carrier's own limit is below the one of the messages. */
const HEAVIEST = 31_500;

function endOf(job: Job): End {
  const { parcel } = job;
  if (job.kind === "cancel-pickup") {
    if (parcel.startsWith("PU")) return { status: "refused", code: "ALREADY_PICKED_UP", text: "it is on its way" };
    return { status: "done", answer: { parcel, cancelled: true } };
  }
  if (job.grams > HEAVIEST) return { status: "refused", code: "TOO_HEAVY", text: `over ${HEAVIEST} g` };
  return { status: "done", answer: { parcel, label: `https://carrier.example/labels/${parcel}` } };
}

/** A carrier on 127.0.0.1 that remembers everything. It does a job as often as it is sent. */
export async function startCarrier({ busy = new Set(), silent = new Set() }: CarrierTroubles = {}): Promise<Carrier> {
  const jobs: CarrierJob[] = [];
  const troubled = new Set<string>();
  const once = (refs: ReadonlySet<string>, ref: string): boolean =>
    refs.has(ref) && !troubled.has(ref) && troubled.add(ref).has(ref);
  const app = new Hono();
  app.put("/jobs/:id", async (context) => {
    const job = Job.parse(await context.req.json());
    if (once(busy, job.ref)) return context.json({ status: "busy" }, 503);
    const end = endOf(job);
    jobs.push({ id: context.req.param("id"), job, end });
    // Half an answer is as good as none.
    if (once(silent, job.ref)) return context.text("{", 200);
    return context.json(end, end.status === "done" ? 200 : 409);
  });
  app.get("/jobs/:id", (context) => {
    const known = jobs.find(({ id }) => id === context.req.param("id"));
    return known === undefined ? context.json({ status: "no-record" }, 404) : context.json(known.end);
  });

  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port));
  server.once("error", reject);
  return {
    url: `http://127.0.0.1:${await listening}`,
    jobs: () => jobs,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
