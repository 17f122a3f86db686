import { describe, expect, it } from "vitest";
import type { Claim } from "../claim.ts";
import type { SqsRecord } from "../envelope.ts";
import { bodyHash } from "../hash.ts";
import { RequestId } from "../ids.ts";
import { aClaim, aRecord, NOW } from "../testing.ts";
import type { Queues } from "./ports.ts";
import { type SweepOrder, type Swept, sweep } from "./sweep.ts";
import { ingestOver, QUEUE, ROUTE } from "./testing.ts";

const MOST_RECEIVES = 3;
/** Milliseconds: the sweep begins a minute after ingest was off. */
const OFF_AT = NOW - 60_000;

const bodyOf = (requestId: string) => ({ type: "REFRESH_DOMAIN", requestId });
const claimOf = (requestId: string, given: Partial<Claim> = {}): Claim =>
  aClaim("legacy", {
    route: ROUTE,
    requestId: RequestId.parse(requestId),
    bodyHash: bodyHash(bodyOf(requestId)),
    ...given,
  });

interface Lying {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  receives: number;
  hiddenUntil: number;
}

/** A queue with a redrive policy; every call takes some time. */
class FakeQueue implements Queues {
  now = NOW;
  lying: Lying[] = [];
  dead: string[] = [];
  /** Called before each receive. */
  before = (): void => {};

  put(id: string, given: Partial<Lying> = {}): void {
    const body = JSON.stringify(bodyOf(id));
    this.lying.push({ id, body, sentAt: OFF_AT - 1, receives: 0, hiddenUntil: 0, ...given });
  }

  async look() {
    return undefined;
  }

  async receive(_: string, queueArn: string, hiddenSeconds: number): Promise<readonly SqsRecord[]> {
    this.before();
    this.now += 200;
    const visible = this.lying.filter(({ hiddenUntil }) => hiddenUntil <= this.now).slice(0, 10);
    return visible.flatMap((message) => {
      message.receives++;
      if (message.receives > MOST_RECEIVES) {
        this.lying = this.lying.filter((each) => each !== message);
        this.dead.push(message.id);
        return [];
      }
      message.hiddenUntil = this.now + hiddenSeconds * 1000;
      const attributes = { SentTimestamp: message.sentAt, ApproximateReceiveCount: message.receives };
      const { id: messageId, body } = message;
      return [aRecord(body, { messageId, receiptHandle: messageId, attributes, eventSourceARN: queueArn })];
    });
  }

  async hide(_: string, receipts: readonly string[], seconds: number): Promise<void> {
    for (const message of this.lying) {
      if (receipts.includes(message.id)) message.hiddenUntil = this.now + seconds * 1000;
    }
  }

  async acknowledge(_: string, receipts: readonly string[]): Promise<void> {
    this.lying = this.lying.filter(({ id }) => !receipts.includes(id));
  }
}

interface Given {
  readonly known?: readonly Claim[];
  readonly send?: () => Promise<void>;
  readonly order?: Partial<SweepOrder>;
}

async function swept(queue: FakeQueue, { known = [], send, order }: Given = {}): Promise<Swept & { sent: string[] }> {
  const sent: string[] = [];
  const deps = {
    queues: queue,
    ingest: ingestOver(known, sent, send),
    clock: { now: () => queue.now },
    pause: {
      for: async (ms: number) => {
        queue.now += ms;
      },
    },
  };
  const result = await sweep(deps, {
    ...{ queueUrl: "https://queue/old", queueArn: QUEUE, ingestOffAt: OFF_AT, hiddenSeconds: 30 },
    ...{ mostReceives: MOST_RECEIVES, onHiding: async () => {}, ...order },
  });
  return { ...result, sent };
}

describe("the sweep", () => {
  it("acknowledges what was sent already, and gives back at once what has no claim", async () => {
    const queue = new FakeQueue();
    for (const id of ["claimed", "free"]) queue.put(id);
    expect(await swept(queue, { known: [claimOf("claimed", { forwardedAt: NOW - 90_000 })] })).toEqual({
      ...{ takenOut: 1, givenBack: 1, sent: [] },
    });
    expect(queue.lying).toMatchObject([{ id: "free", receives: 1, hiddenUntil: queue.now }]);
  });

  it("sends what was claimed and not sent, and only then acknowledges it", async () => {
    const queue = new FakeQueue();
    queue.put("claimed");
    const send = async () => expect(queue.lying).toHaveLength(1);
    expect(await swept(queue, { known: [claimOf("claimed")], send })).toMatchObject({
      takenOut: 1,
      sent: [expect.any(String)],
    });
    expect(queue.lying).toEqual([]);
  });

  it.each([
    [0, "given back"],
    [1, "given back"],
    [2, "forwarded"],
  ])("lets no message go to the dead letters: one that was received %i times before is %s", async (receives, end) => {
    const queue = new FakeQueue();
    queue.put("free", { receives });
    const { takenOut, sent } = await swept(queue);
    expect([takenOut, sent.length]).toEqual(end === "forwarded" ? [1, 1] : [0, 0]);
    // The next receive is the old consumer's.
    queue.now += 1;
    expect((await queue.receive("", QUEUE, 30)).length).toBe(end === "forwarded" ? 0 : 1);
    expect(queue.dead).toEqual([]);
  });

  it("receives no message twice, however long it takes", async () => {
    const queue = new FakeQueue();
    for (let n = 0; n < 600; n++) queue.put(`free-${n}`);
    expect(await swept(queue, { order: { hiddenSeconds: 2 } })).toMatchObject({ givenBack: 600 });
    expect(queue.lying.every(({ receives }) => receives === 1)).toBe(true);
    expect(queue.now - NOW).toBeGreaterThan(10_000);
  });

  it("ends where a publisher never lets the queue be empty", async () => {
    const queue = new FakeQueue();
    queue.put("claimed");
    let n = 0;
    queue.before = () => queue.put(`newer-${n++}`, { sentAt: queue.now });
    expect(await swept(queue, { known: [claimOf("claimed", { forwardedAt: NOW })] })).toMatchObject({ takenOut: 1 });
    expect(queue.lying.length).toBe(n);
  });

  it("looks on behind full batches of newer messages: what ingest had may lie there", async () => {
    const queue = new FakeQueue();
    for (let n = 0; n < 150; n++) queue.put(`newer-${n}`, { sentAt: OFF_AT + 1 });
    queue.put("claimed");
    expect(await swept(queue, { known: [claimOf("claimed", { forwardedAt: NOW })] })).toEqual({
      ...{ takenOut: 1, givenBack: 150, sent: [] },
    });
  });

  it("gives back what is no request of a route: the old consumer knows what to do with it", async () => {
    const queue = new FakeQueue();
    queue.put("odd", { body: "not JSON" });
    expect(await swept(queue)).toMatchObject({ givenBack: 1, takenOut: 0 });
  });

  it("tries again what cannot be sent, and gives everything back where it goes on failing", async () => {
    const queue = new FakeQueue();
    for (const id of ["claimed", "free"]) queue.put(id);
    let tries = 0;
    const twice = async () => {
      if (++tries < 3) throw new Error("SQS is away");
    };
    const known = [claimOf("claimed"), claimOf("claimed"), claimOf("claimed")];
    expect(await swept(queue, { known, send: twice })).toMatchObject({ takenOut: 1, givenBack: 1 });
    queue.put("claimed");
    const never = async () => {
      throw new Error("SQS is away");
    };
    const many = Array.from({ length: 400 }, () => claimOf("claimed"));
    await expect(swept(queue, { known: many, send: never })).rejects.toMatchObject({ code: "DEPENDENCY_FAILED" });
    expect(queue.lying.map(({ id }) => id).sort()).toEqual(["claimed", "free"]);
    expect(queue.lying.find(({ id }) => id === "free")?.hiddenUntil).toBeLessThanOrEqual(queue.now);
  });

  it("is over when it ends: nothing of it goes on behind the back of the next one", async () => {
    const queue = new FakeQueue();
    for (const id of ["claimed", "slow"]) queue.put(id);
    let end = (): void => {};
    const slow = new Promise<void>((resolve) => {
      end = resolve;
    });
    let calls = 0;
    // The first is told that another operator goes on; the second is still at it.
    const send = () => (calls++ === 0 ? Promise.reject(new Error("SQS is away")) : slow);
    const onHiding = async () => {
      if (calls > 0) throw new Error("another operator");
    };
    const known = [claimOf("claimed"), claimOf("slow")];
    const order = { hiddenSeconds: 1, onHiding };
    let over = false;
    const sweeping = swept(queue, { known, send, order }).finally(() => {
      over = true;
    });
    const refused = expect(sweeping).rejects.toThrow("another operator");
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    end();
    await refused;
    expect(queue.lying.map(({ id }) => id)).toEqual(["claimed"]);
  });

  it("tells until when it hides before it hides, and stops where another operator goes on", async () => {
    const queue = new FakeQueue();
    queue.put("free");
    const told: number[] = [];
    const onHiding = async (until: number) => {
      told.push(until);
      if (told.length > 1) throw new Error("another operator");
    };
    queue.before = () => {
      expect(queue.lying.every(({ hiddenUntil }) => hiddenUntil <= (told.at(-1) ?? 0))).toBe(true);
      expect(told.at(-1)).toBeGreaterThanOrEqual(queue.now + 2_000);
      queue.put(`newer-${queue.now}`, { sentAt: queue.now });
    };
    await expect(swept(queue, { order: { hiddenSeconds: 2, onHiding } })).rejects.toThrow("another operator");
    expect(queue.lying.every(({ hiddenUntil }) => hiddenUntil <= queue.now)).toBe(true);
  });
});
