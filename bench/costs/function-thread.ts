import * as z from "zod";

/** Runs in a thread of its own, as one instance of a function: its answer comes with what it has logged. */
const { COUNTED_MODULE, COUNTED_EXPORT } = z
  .object({ COUNTED_MODULE: z.string(), COUNTED_EXPORT: z.string() })
  .parse(process.env);

type Handler = (event: unknown, context: unknown) => unknown;
const Handler = z.custom<Handler>((value) => typeof value === "function");

let logged = "";
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array) => {
    logged += String(chunk);
    return true;
  };
}

const loaded: unknown = await import(COUNTED_MODULE);
const handle = Handler.parse(z.record(z.string(), z.unknown()).parse({ ...Object(loaded) })[COUNTED_EXPORT]);

export async function handler(event: unknown, context: unknown): Promise<{ answer: unknown; logged: string }> {
  logged = "";
  const answer = (await handle(event, context)) ?? null;
  return { answer, logged };
}
