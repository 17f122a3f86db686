import { describe, expect, it } from "vitest";
import type { ForwardMessage } from "../ports.ts";
import { aKey } from "../testing.ts";
import { type BatchAnswer, deduplicationId, Sends } from "./sends.ts";

const QUEUE = "https://queue/forward.fifo";
const aMessage = (id: string, body = id): ForwardMessage<"fifo"> => ({
  key: aKey(id),
  target: { kind: "fifo", queueUrl: QUEUE },
  body,
  attributes: {},
});
const many = (count: number) => Array.from({ length: count }, (_, i) => aMessage(`r${i}`));
const taken = (batch: readonly unknown[]) => ({ Successful: batch.map((_, place) => ({ Id: String(place) })) });

/** Sends all at once; what became of each, and the bodies that went together. */
async function sent(
  messages: readonly ForwardMessage<"fifo">[],
  answer: (batch: readonly ForwardMessage<"fifo">[]) => BatchAnswer,
) {
  const calls: string[][] = [];
  const sends = new Sends<"fifo">({
    mostBytes: 100,
    windowMs: 0,
    call: async (address, batch) => {
      expect(address).toBe(QUEUE);
      calls.push(batch.map(({ body }) => body));
      return answer(batch);
    },
  });
  const results = await Promise.allSettled(messages.map((message) => sends.add(QUEUE, message)));
  return { calls, statuses: results.map(({ status }) => status) };
}

describe("sends of one moment", () => {
  it("travel ten to a call", async () => {
    const { calls, statuses } = await sent(many(21), taken);
    expect(calls.map((bodies) => bodies.length)).toEqual([10, 10, 1]);
    expect(new Set(statuses)).toEqual(new Set(["fulfilled"]));
  });

  it("travel in as many calls as their bytes need, a large one alone", async () => {
    const messages = [aMessage("a", "a".repeat(60)), aMessage("b", "b".repeat(40)), aMessage("c", "c".repeat(101))];
    const { calls } = await sent([...messages, aMessage("d")], taken);
    expect(calls.map((bodies) => bodies.map((body) => body[0]))).toEqual([["a", "b"], ["c"], ["d"]]);
  });

  it("fail each for itself: one that is refused, or not named in the answer, is not taken for sent (P1)", async () => {
    const answer = { Successful: [{ Id: "2" }], Failed: [{ Id: "0", Code: "InternalError" }] };
    const { statuses } = await sent(many(3), () => answer);
    expect(statuses).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  it("fail all with their call", async () => {
    const { statuses } = await sent(many(2), () => {
      throw new Error("queue down");
    });
    expect(statuses).toEqual(["rejected", "rejected"]);
  });
});

describe("the deduplication id", () => {
  it("is the request itself where SQS takes it, up to 128 characters, and its hash elsewhere", () => {
    const { route } = aKey("any");
    const longest = "r".repeat(128 - `${route}#`.length);
    expect(deduplicationId(aKey(longest))).toBe(`${route}#${longest}`);
    for (const id of [`${longest}r`, "with a space", "mit-ä"]) {
      expect(deduplicationId(aKey(id))).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
