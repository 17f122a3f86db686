import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { SFNServiceException } from "@aws-sdk/client-sfn";
import { BridgeError } from "@crossfade/bridge";
import { telemetry } from "@crossfade/functions/telemetry";
import { webcat } from "@crossfade/legacy";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { startTrackerServer, type TrackerServer, trackedBy } from "./support/tracker-server.ts";

let server: TrackerServer;
const before = { ...process.env };

beforeAll(async () => {
  server = await startTrackerServer();
  Object.assign(process.env, trackedBy(server, 5_000));
});
afterAll(async () => {
  process.env = before;
  await server.close();
});

/** A word that stands nowhere else, so that finding it means that it leaked. */
const word = fc.stringMatching(/^[a-z]{6}q[0-9]{8}$/);
const person = fc.record({ name: word, mail: word, host: word }).map(({ name, mail, host }) => ({
  secrets: [name, mail, host],
  texts: [
    `${name} ${name}`,
    `${mail}@${host}.example`,
    `${host}.fi`,
    `\n    at ${name} (/home/${name}/x.ts:1:1)`,
    `\n    at /home/${mail}/${host}.fi:2:2\n    at ${name}.${host} (file:///${mail}.ts:3:4)\n`,
  ],
}));

const Strict = z.strictObject({ type: z.literal("A"), at: z.iso.date() });
const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

/** Errors as they come from handling a message that holds such a text. */
const KINDS: Readonly<Record<string, (text: string) => unknown>> = {
  "a parser's": (text) => thrownBy(() => JSON.parse(text)),
  "a parser's, of a part": (text) => thrownBy(() => JSON.parse(`{"a": "b"}${text}`)),
  "a schema's": (text) => thrownBy(() => Strict.parse({ type: text, at: text, [text]: 1 })),
  "a route's": (text) =>
    thrownBy(() => webcat.routeOf({ type: "REGISTER_DOMAIN" }).parse({ [text]: text, domain: text })),
  "of no route": (text) => thrownBy(() => webcat.routeOf({ type: text })),
  "AWS's": (text) => new ConditionalCheckFailedException({ message: text, $metadata: {}, Item: { name: { S: text } } }),
  "AWS's, of a value": (message) =>
    new SFNServiceException({ name: "ValidationException", $fault: "client", $metadata: {}, message }),
  "of any kind": (text) => new TypeError(text),
  "with a cause": (text) => new Error("outside", { cause: new TypeError(text, { cause: text }) }),
  "of ours with a cause": (cause) => new BridgeError("CHARGE_UNKNOWN", "fatal", "fixed", { cause, details: { cause } }),
  "of a flag's provider": (text) => new BridgeError("ROLLOUT_UNKNOWN", "fatal", `flag x: ${text}`),
  "with a name": (text) => Object.assign(new Error(text), { name: `${text} ` }),
  "with fields": (text) => Object.assign(new Error("x"), { code: `${text} `, body: text, errors: [text] }),
  "with a stack of its own": (text) =>
    Object.assign(new Error("x"), { stack: `Error: ${text}\n    at ${text} (/x:1:1)` }),
  "of several": (text) => new AggregateError([new Error(text)], text),
  "no error": (text) => text,
  "an object": (text) => ({ message: text, name: text }),
};

describe("nothing of a message goes out", () => {
  it.each(Object.entries(KINDS))("error %s", async (_, make) => {
    await fc.assert(
      fc.asyncProperty(person, fc.string(), async ({ secrets, texts }, noise) => {
        server.forget();
        const told = telemetry("ingest");
        const spoiled = [...texts, texts.join(noise)];
        for (const [i, text] of spoiled.entries()) {
          const foreign = { messageId: `${text} x`, requestId: `${secrets[1]}@example.fi`, body: text, [text]: text };
          // An id of its own each time: the same failure of the same request is told once.
          told.tell("Record failed", make(text), { ...foreign, correlationId: `c-${i}` });
        }
        await told.flush();
        expect(server.events).toHaveLength(spoiled.length);
        const sent = server.raw.join().toLowerCase();
        for (const secret of secrets) expect(sent).not.toContain(secret);
      }),
      { numRuns: 15 },
    );
  });

  it("and none of it to the log, where an error's place stands", async () => {
    const lines: string[] = [];
    const tools = telemetry("ingest");
    tools.logger.error = (what, ...more) => void lines.push(JSON.stringify([what, more]));
    const texts = ["\nat jane.doe", "\n    at jane.doe (/home/jane.doe/x.ts:1:1)"];
    const kinds = ["a parser's", "a schema's", "of any kind"];
    for (const kind of kinds) for (const text of texts) tools.tell("Record failed", KINDS[kind]?.(text));
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain("jane");
    expect(lines.join()).toContain("tracked-errors.test.ts:");
  });
});
