import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INLINE_OUTCOME_BYTES, MAX_PAYLOAD_BYTES, MAX_ROW_RESULT_BYTES, payloadOf } from "./claim-check.ts";
import { BridgeError } from "./errors.ts";
import { ItemOutcome, Outcome } from "./outcome.ts";
import { inputOf, keepAll, keepingResults, keepOutcome, withInput, withResult } from "./payloads.ts";
import { aKey, COMPLETED, MemoryPayloads, TAKEN } from "./testing.ts";

const INPUT = { domain: "äö.fi", padding: "x".repeat(5_000) };
const payload = payloadOf(INPUT);
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** An outcome whose JSON has exactly so many bytes. */
const outcomeOf = (size: number): Outcome => {
  const empty = { ...COMPLETED, result: { padding: "" } };
  return { ...empty, result: { padding: "x".repeat(size - bytes(empty)) } };
};
const asItem = (outcome: Outcome) => ItemOutcome.parse({ ...aKey("r0"), itemId: "item-0", ...outcome });
const itemOf = async (store: MemoryPayloads, size: number) => asItem(await keepOutcome(store, outcomeOf(size)));

describe("an item's input", () => {
  it("is read from the item, or from the store", async () => {
    const store = new MemoryPayloads();
    await keepAll(store, [payload, payload]);
    expect(await inputOf(store, { input: { a: 1 } })).toEqual({ a: 1 });
    expect(await inputOf(store, { inputCheck: payload.check })).toEqual(INPUT);
    await expect(inputOf(store, {})).rejects.toThrow(TypeError);
  });

  it("is worked on", async () => {
    const store = new MemoryPayloads();
    await store.put(payload);
    const seen: unknown[] = [];
    const work = async (input: unknown) => {
      seen.push(input);
      return COMPLETED;
    };
    expect(await withInput(store, { inputCheck: payload.check }, work)).toEqual(COMPLETED);
    expect(seen).toEqual([INPUT]);
  });

  const other = JSON.stringify({ ...INPUT, domain: "oä.fi" });
  it.each([
    ["missing", undefined, payload.check, "CLAIM_CHECK_MISSING"],
    ["overwritten", other, payload.check, "CLAIM_CHECK_FORGED"],
    ["overwritten with more", `${other} `, payload.check, "CLAIM_CHECK_FORGED"],
    ["over the cap", payload.text, { ...payload.check, bytes: MAX_PAYLOAD_BYTES + 1 }, "PAYLOAD_TOO_LARGE"],
  ])("that is %s fails its item as data, and no work begins", async (_, text, inputCheck, Code) => {
    const store = new MemoryPayloads();
    if (text !== undefined) store.kept.set(inputCheck.sha256, text);
    const work = () => Promise.reject(new Error("no work may begin"));
    const outcome = await withInput(store, { inputCheck }, work);
    expect(Outcome.parse(outcome)).toMatchObject({ status: "FAILED", Error: { Code, Retryable: false }, effects: [] });
  });

  it("that cannot be read now is no soft error: it is read again", async () => {
    const down = { get: () => Promise.reject(new Error("503")) };
    await expect(withInput(down, { inputCheck: payload.check }, async () => COMPLETED)).rejects.toThrow("503");
  });
});

describe("an outcome", () => {
  it("keeps its result up to the limit in bytes, and leaves a check above it", async () => {
    const store = new MemoryPayloads();
    const fits = outcomeOf(INLINE_OUTCOME_BYTES);
    expect(await keepOutcome(store, fits)).toEqual(fits);
    expect(store.kept.size).toBe(0);
    const large = outcomeOf(INLINE_OUTCOME_BYTES + 1);
    const { result, ...rest } = large;
    expect(await keepOutcome(store, large)).toEqual({ ...rest, resultCheck: payloadOf(result).check });
    expect(store.kept.size).toBe(1);
  });

  it("keeps a result of the most bytes that a store takes, and only the check of a larger one", async () => {
    for (const [size, kept] of [
      [MAX_PAYLOAD_BYTES, true],
      [MAX_PAYLOAD_BYTES + 1, false],
    ] as const) {
      const store = new MemoryPayloads();
      const result = { padding: "x".repeat(size - bytes({ padding: "" })) };
      const { check } = payloadOf(result);
      expect(await keepOutcome(store, { ...COMPLETED, result })).toMatchObject({ resultCheck: check });
      expect((await store.get(check)).kind).toBe(kept ? "found" : "missing");
    }
  });

  it("counts its effects, and can be without a result", async () => {
    const store = new MemoryPayloads();
    const effect = { service: "registry", command: "register", target: "a.fi" };
    const fits = outcomeOf(INLINE_OUTCOME_BYTES);
    expect(await keepOutcome(store, { ...fits, effects: [effect] })).toHaveProperty("resultCheck");
    expect(await keepOutcome(store, TAKEN)).toEqual(TAKEN);
  });

  it("is kept before it is told, by a command and when a service is asked", async () => {
    const store = new MemoryPayloads();
    const ended = { kind: "ended" as const, outcome: outcomeOf(9_000) };
    const command = keepingResults(store, { send: async () => ended, find: async () => ended });
    const kept = { kind: "ended", outcome: await keepOutcome(new MemoryPayloads(), ended.outcome) };
    expect(await command.send("c")).toEqual(kept);
    expect(await command.find("c")).toEqual(kept);
    expect(store.kept.size).toBe(1);
    const never = { kind: "never-received" as const };
    const silent = { send: () => Promise.reject(new Error("lost")), find: async () => never };
    expect(await keepingResults(store, silent).find("c")).toEqual(never);
  });

  it("is not told when its result could not be kept", async () => {
    const down = { put: () => Promise.reject(new Error("503")) };
    await expect(keepOutcome(down, outcomeOf(9_000))).rejects.toThrow("503");
  });

  it("never says its result twice", () => {
    const both = { ...COMPLETED, resultCheck: payload.check };
    expect(Outcome.safeParse(both).success).toBe(false);
    expect(ItemOutcome.safeParse({ ...aKey("r0"), itemId: "1", ...both }).success).toBe(false);
  });
});

describe("the end of an item, for its row", () => {
  it("has the result that its outcome had, whatever its size up to the row's limit (property)", async () => {
    const sizes = fc.integer({ min: 60, max: 3 * INLINE_OUTCOME_BYTES });
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const store = new MemoryPayloads();
        expect(await withResult(store, await itemOf(store, size))).toEqual(asItem(outcomeOf(size)));
      }),
    );
  });

  it("goes without a result that no row can hold, and says so", async () => {
    const store = new MemoryPayloads();
    const envelope = bytes({ ...COMPLETED, result: {} }) - bytes({});
    expect(await withResult(store, await itemOf(store, MAX_ROW_RESULT_BYTES + envelope))).toHaveProperty("result");
    const tooLarge = await itemOf(store, MAX_ROW_RESULT_BYTES + envelope + 1);
    const why = expect.objectContaining({ Code: "PAYLOAD_TOO_LARGE", Retryable: false });
    expect(await withResult(store, tooLarge)).toEqual({ ...tooLarge, Error: why });
  });

  it("says so too of a result that was too large to be kept", async () => {
    const store = new MemoryPayloads();
    const item = await itemOf(store, MAX_PAYLOAD_BYTES + 1_000);
    expect(store.kept.size).toBe(0);
    expect(await withResult(store, item)).toMatchObject({ status: "COMPLETED", Error: { Code: "PAYLOAD_TOO_LARGE" } });
  });

  it("is done all the same when its result is gone", async () => {
    const item = await itemOf(new MemoryPayloads(), 9_000);
    const told = await withResult(new MemoryPayloads(), item);
    expect(told).toMatchObject({ ...item, Error: { Code: "CLAIM_CHECK_MISSING", Retryable: false } });
  });

  it("waits for a store that does not answer", async () => {
    const item = await itemOf(new MemoryPayloads(), 9_000);
    const busy = new BridgeError("DEPENDENCY_FAILED", "retry", "busy");
    await expect(withResult({ get: () => Promise.reject(busy) }, item)).rejects.toBe(busy);
  });

  it("of a failure is what it was", async () => {
    const failed = asItem({ ...TAKEN, resultCheck: payload.check });
    expect(await withResult(new MemoryPayloads(), failed)).toEqual(failed);
  });
});
