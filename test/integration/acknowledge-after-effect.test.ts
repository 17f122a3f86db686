import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  type IngestDeps,
  type IngestOutcome,
  ingestRecord,
  PinKey,
  type SqsRecord,
} from "@crossfade/bridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  delivery,
  dnsUpdate,
  keyOfMessage,
  largeDnsUpdate,
  type Message,
  ON_ORDER,
  refresh,
  registration,
} from "./support/messages.ts";
import { Life } from "./support/mortal.ts";
import { drain } from "./support/queues.ts";
import { aClaim, done } from "./support/samples.ts";
import { type QueueName, startWorld, type World } from "./support/world.ts";

let world: World;
let deps: IngestDeps;
beforeAll(async () => {
  world = await startWorld();
  deps = await world.ingestDeps();
});
afterAll(() => world.close());
beforeEach(empty);

/** Deliveries that got through have left their messages. */
async function empty(): Promise<void> {
  for (const name of ["registrations", "refreshes", "dns"] as const) await drain(world.sqs, world.forwardUrl(name));
  await drain(world.sqs, world.bridge.quarantine.url);
}

/** Longer than any lease of this world. Milliseconds. */
const LATER = 60_000;

/** A process that dies is heard of only by its silence: whatever it answers, or throws, the record is not acknowledged. */
const deliver = (given: IngestDeps, record: SqsRecord): Promise<IngestOutcome> =>
  ingestRecord(given, record).catch((error: unknown): IngestOutcome => ({ kind: "failed", error }));

const after = (ms: number): IngestDeps => ({ ...deps, clock: { now: () => Date.now() + ms } });

/** After a crash the flag has moved: a request that is claimed keeps its path, one that is not may take the other. */
async function afterFlip(message: Message): Promise<IngestDeps> {
  const claim = await world.claims.read(keyOfMessage(message));
  if (claim === undefined) return deps;
  const path = claim.path === "order" ? "legacy" : "order";
  const choice = { path, reason: "bucket", bucket: 1, stage: "split", rolloutVersion: 9 } as const;
  return { ...deps, flag: { choose: async () => choice } };
}

interface Aftermath {
  readonly claim: Claim | undefined;
  /** Messages on the forward queue, in quarantine, and Order executions of the claim's name. */
  readonly forwarded: number;
  readonly quarantined: number;
  readonly executions: number;
}

async function aftermath(name: QueueName, message: Message): Promise<Aftermath> {
  const claim = await world.claims.read(keyOfMessage(message));
  return {
    claim,
    forwarded: (await drain(world.sqs, world.forwardUrl(name))).length,
    quarantined: (await drain(world.sqs, world.bridge.quarantine.url)).length,
    executions: claim?.executionName === undefined ? 0 : await world.executionsNamed(claim.executionName),
  };
}

/** Every crash point of one delivery: at its first call, at its second, until a delivery gets through alive. */
async function everyCrash(
  when: "before" | "after",
  prepare: () => Promise<SqsRecord>,
  then: (record: SqsRecord, crashedAt: string) => Promise<void>,
): Promise<string[]> {
  const crashes: string[] = [];
  for (let n = 1; ; n++) {
    const record = await prepare();
    const life = new Life(n, when);
    const outcome = await deliver(life.ingestDeps(deps), record);
    if (life.crashedAt === undefined) {
      expect(outcome.kind).not.toBe("failed");
      return crashes;
    }
    expect(outcome.kind, `crashed at ${life.crashedAt}`).toBe("failed");
    await then(record, life.crashedAt);
    crashes.push(life.crashedAt);
  }
}

const arnOf = (name: QueueName) => world.legacy[name].queueArn;

describe.each(["before", "after"] as const)(
  "a crash %s any call loses nothing and doubles nothing (P1, P2, P3)",
  (when) => {
    it.each([
      ["registrations", "with a pin", registration, ["claim", "start", "markStarted"]],
      ["refreshes", "without a pin", refresh, ["claim", "start", "markStarted"]],
      ["dns", "with a large input", largeDnsUpdate, ["claim", "put", "start", "markStarted"]],
    ] as const)("order path, %s, %s", async (name, _, make, calls) => {
      let message = make();
      const crashes = await everyCrash(
        when,
        async () => {
          message = make({ customerId: ON_ORDER });
          return delivery(arnOf(name), message);
        },
        async (record) => {
          const again = await deliver(await afterFlip(message), record);
          expect(again).toMatchObject({ kind: expect.stringMatching(/started|duplicate/) });
          const seen = await aftermath(name, message);
          expect(seen).toMatchObject({ forwarded: 0, quarantined: 0, executions: 1 });
          expect(seen.claim).toMatchObject({ path: "order", startedAt: expect.any(Number) });
        },
      );
      expect(crashes).toEqual(calls);
    });

    it.each([
      ["registrations", registration],
      ["refreshes", refresh],
    ] as const)("legacy path, FIFO, %s", async (name, make) => {
      let message = make();
      const crashes = await everyCrash(
        when,
        async () => {
          message = make();
          return delivery(arnOf(name), message);
        },
        async (record) => {
          const again = await deliver(await afterFlip(message), record);
          expect(again).toMatchObject({ kind: expect.stringMatching(/forwarded|duplicate/) });
          const seen = await aftermath(name, message);
          expect(seen).toMatchObject({ forwarded: 1, quarantined: 0, executions: 0 });
          expect(seen.claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number) });
        },
      );
      expect(crashes).toEqual(["claim", "send", "markForwarded"]);
    });

    it("legacy path, standard queue: waits for the dead delivery's lease, then at most one more send (A4)", async () => {
      let message = dnsUpdate();
      const crashes = await everyCrash(
        when,
        async () => {
          message = dnsUpdate();
          return delivery(arnOf("dns"), message);
        },
        async (record, crashedAt) => {
          const claim = await world.claims.read(keyOfMessage(message));
          if (claim?.lease !== undefined) expect(await deliver(deps, record)).toMatchObject({ kind: "failed" });
          expect((await deliver(after(LATER), record)).kind).toMatch(/forwarded|duplicate/);
          const seen = await aftermath("dns", message);
          expect(seen.claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number) });
          const sentBefore = crashedAt === "markForwarded" || (crashedAt === "send" && when === "after");
          const marked = crashedAt === "markForwarded" && when === "after";
          expect(seen.forwarded).toBe(sentBefore && !marked ? 2 : 1);
        },
      );
      expect(crashes).toEqual(["claim", "send", "markForwarded"]);
    });

    it("legacy path, standard queue, where the consumer took the message up: no second send", async () => {
      let message = dnsUpdate();
      const crashes = await everyCrash(
        when,
        async () => {
          message = dnsUpdate();
          return delivery(arnOf("dns"), message);
        },
        async (record, crashedAt) => {
          const sent = crashedAt === "markForwarded" || (crashedAt === "send" && when === "after");
          const Item = { requestId: message.requestId, type: message.type, status: "PROCESSING" };
          if (sent) await world.documents.send(new PutCommand({ TableName: world.legacy.trackingTable, Item }));
          expect((await deliver(after(LATER), record)).kind).toMatch(/forwarded|duplicate/);
          expect((await aftermath("dns", message)).forwarded).toBe(1);
        },
      );
      expect(crashes).toEqual(["claim", "send", "markForwarded"]);
    });

    it("taking over a lease: the row is read first", async () => {
      let message = dnsUpdate();
      const crashes: string[] = [];
      for (let n = 1; ; n++) {
        message = dnsUpdate();
        const record = delivery(arnOf("dns"), message);
        // The first delivery dies with its claim written; the second, when its lease is over, at its n-th call.
        expect(await deliver(new Life(1, "after").ingestDeps(deps), record)).toMatchObject({ kind: "failed" });
        const life = new Life(n, when);
        const outcome = await deliver(life.ingestDeps(after(LATER)), record);
        if (life.crashedAt === undefined) break;
        expect(outcome.kind).toBe("failed");
        crashes.push(life.crashedAt);
        expect((await deliver(after(2 * LATER), record)).kind).toMatch(/forwarded|duplicate/);
        const seen = await aftermath("dns", message);
        expect([1, 2]).toContain(seen.forwarded);
        expect(seen.claim).toMatchObject({ forwardedAt: expect.any(Number) });
      }
      expect(crashes).toEqual(["claim", "takeOverLease", "read", "send", "markForwarded"]);
    });

    it("invalid input: noted, then quarantined at least once", async () => {
      const crashes = await everyCrash(
        when,
        async () => delivery(arnOf("refreshes"), "{"),
        async (record, crashedAt) => {
          expect(await deliver(deps, record)).toMatchObject({ kind: "quarantined", code: "MALFORMED_JSON" });
          const kept = await drain(world.sqs, world.bridge.quarantine.url);
          const twice = when === "after" && crashedAt === "keep";
          expect(kept.map((message) => message.Body)).toEqual(twice ? ["{", "{"] : ["{"]);
        },
      );
      expect(crashes).toEqual(["keepRejected", "keep"]);
    });

    it("waiting for a pin: nothing is written, and it is carried out once when the pin is free (D7)", async () => {
      const crashes: string[] = [];
      for (let n = 1; ; n++) {
        const message = registration();
        const holder = aClaim("order", { pinKey: PinKey.parse(message["domain"]) });
        await world.claims.claim(holder);
        const choice = {
          path: "legacy",
          reason: "before-switch",
          bucket: 1,
          stage: "split",
          rolloutVersion: 1,
        } as const;
        const forced: IngestDeps = { ...deps, flag: { choose: async () => choice } };
        const record = delivery(arnOf("registrations"), message);
        const life = new Life(n, when);
        expect(await deliver(life.ingestDeps(forced), record)).toMatchObject({ kind: "failed" });
        expect(await world.claims.read(keyOfMessage(message))).toBeUndefined();
        await world.claims.mirror(holder, { fence: 7, image: {} }, { generation: 0, outcome: done, at: 1 });
        expect(await deliver(forced, record)).toMatchObject({ kind: "forwarded" });
        expect(await aftermath("registrations", message)).toMatchObject({ forwarded: 1, claim: { path: "legacy" } });
        if (life.crashedAt === undefined) break;
        crashes.push(life.crashedAt);
      }
      expect(crashes).toEqual(["claim", "readMany", "comeBackIn"]);
    });
  },
);
