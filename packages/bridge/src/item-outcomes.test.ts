import { describe, expect, it } from "vitest";
import { type RequestKey, requestKeyText } from "./ids.ts";
import { flaggedItems, itemOutcomes } from "./item-outcomes.ts";
import { type Effect, ItemOutcome, type Outcome } from "./outcome.ts";
import type { EffectRecord, EffectRole } from "./ports.ts";
import type { SettledCharge } from "./settle-charge.ts";
import { anOrder, COMPLETED, NOW, TAKEN } from "./testing.ts";

const OTHERWISE = { Code: "ORDER_ABORTED", Message: "the order was stopped", Retryable: true };
const PAID = anOrder([100], 100);
const KEY = "REGISTER_DOMAIN#r0";
const CAPTURED = { kind: "capture" as const, items: [KEY], sum: 100 };

const effect = (command: string): Effect => ({ service: "registry", command, target: "example0.fi" });
const OPEN: EffectRecord = {
  ...{ n: 0, generation: 0, role: "whole", owner: "w1", begunAt: NOW },
  sentAt: undefined,
  outcome: undefined,
};
const ended = (outcome: Outcome, role: EffectRole = "whole"): EffectRecord => ({ ...OPEN, role, outcome });
const recorded = (...effects: readonly EffectRecord[]) => ({
  read: async (key: RequestKey) => (requestKeyText(key) === KEY ? effects : []),
});

const settled = (given: Partial<SettledCharge> = {}): SettledCharge => ({
  decision: CAPTURED,
  done: [KEY],
  mismatch: undefined,
  ...given,
});
const NOT_DONE = settled({ decision: { kind: "cancel" }, done: [] });

async function outcomeOf(
  charge: SettledCharge,
  reported: Outcome | undefined,
  effects: readonly EffectRecord[] = [],
  order = PAID,
) {
  const seen = new Map(reported && [[KEY, reported]]);
  const [outcome] = await itemOutcomes(recorded(...effects), order, charge, seen, OTHERWISE);
  return outcome;
}

describe("the outcome of an item", () => {
  it("is what was reported, where the ledger agrees", async () => {
    const item = { itemId: "item-0", route: "REGISTER_DOMAIN", requestId: "r0" };
    expect(await outcomeOf(settled(), COMPLETED)).toEqual({ ...item, ...COMPLETED });
    expect(await outcomeOf(NOT_DONE, TAKEN)).toEqual({ ...item, ...TAKEN });
  });

  it("is the recorded one, where the work is done and a failure was reported", async () => {
    const record = { status: "COMPLETED" as const, effects: [effect("register")], result: { id: "7" } };
    const timedOut: Outcome = { ...TAKEN, Error: { Code: "TIMEOUT", Message: "late", Retryable: true } };
    const outcome = await outcomeOf(settled(), timedOut, [ended(record)]);
    expect(outcome).toMatchObject(record);
    expect(outcome).not.toHaveProperty("Error");
  });

  it("has no error, where the work is done and a failure is all that is known", async () => {
    const outcome = await outcomeOf(settled(), TAKEN);
    expect(outcome).toMatchObject({ status: "COMPLETED" });
    expect(outcome).not.toHaveProperty("Error");
  });

  it("is the recorded one, where nothing was reported", async () => {
    expect(await outcomeOf(settled(), undefined, [ended(COMPLETED)])).toMatchObject({ ...COMPLETED });
    expect(await outcomeOf(NOT_DONE, undefined, [ended(TAKEN)])).toMatchObject({ ...TAKEN });
  });

  it("is a failure, where success was reported and the work is not done", async () => {
    expect(await outcomeOf(NOT_DONE, COMPLETED)).toMatchObject({ status: "FAILED", Error: OTHERWISE });
    expect(await outcomeOf(NOT_DONE, COMPLETED, [ended(TAKEN)])).toMatchObject({ ...TAKEN });
  });

  it("is a failure with the given reason, where nothing is known of it", async () => {
    const nothing = { status: "FAILED", Error: OTHERWISE, effects: [] };
    expect(await outcomeOf(NOT_DONE, undefined)).toMatchObject(nothing);
    expect(await outcomeOf(NOT_DONE, undefined, [OPEN])).toMatchObject(nothing);
  });

  it("says all commands that ended, and the first failure among them", async () => {
    const first = ended({ ...COMPLETED, effects: [effect("reserve")] });
    const refused = ended({ ...TAKEN, effects: [effect("register")] });
    const last = ended({ ...COMPLETED, effects: [effect("release")] });
    const outcome = await outcomeOf(NOT_DONE, undefined, [first, refused, OPEN, last]);
    expect(outcome).toMatchObject({ status: "FAILED", Error: TAKEN.Error });
    expect(outcome?.effects.map(({ command }) => command)).toEqual(["reserve", "register", "release"]);
  });
});

describe("an item that is done and not paid is flagged (P7)", () => {
  it.each([
    ["outside the captured set", settled({ decision: { ...CAPTURED, items: ["REGISTER_DOMAIN#r9"] } })],
    ["of a cancelled charge", settled({ decision: { kind: "cancel" } })],
    ["of a charge that ended otherwise than decided", settled({ mismatch: "cancelled 0 of 100" })],
  ])("%s", async (_, charge) => {
    expect(await outcomeOf(charge, COMPLETED)).toMatchObject({ ...COMPLETED, status: "COMPLETED_UNPAID" });
    expect(await outcomeOf(charge, TAKEN, [ended(COMPLETED)])).toMatchObject({ status: "COMPLETED_UNPAID" });
  });

  it.each([
    ["that costs nothing", anOrder([0], 100), settled({ decision: { kind: "cancel" } })],
    ["of an order without payment", anOrder([0]), settled({ decision: { kind: "none" } })],
  ])("but not one %s", async (_, order, charge) => {
    expect(await outcomeOf(charge, COMPLETED, [], order)).toMatchObject({ status: "COMPLETED" });
  });

  it("but not one that failed", async () => {
    expect(await outcomeOf(settled({ decision: { kind: "cancel" }, done: [] }), TAKEN)).toMatchObject({ ...TAKEN });
  });
});

describe("an item of several commands that was stopped on its way", () => {
  const part = (command: string): Outcome => ({ status: "COMPLETED", effects: [effect(command)] });

  it("says what was done and not taken back", async () => {
    const outcome = await outcomeOf(NOT_DONE, undefined, [ended(part("register"), "part")]);
    expect(outcome).toMatchObject({
      status: "FAILED",
      Error: { Code: "PARTLY_DONE", Message: "done and not taken back: registry register; the order was stopped" },
      effects: [effect("register")],
    });
  });

  it.each([
    ["was taken back", [ended(part("register"), "part"), ended(part("release"), "reversal")]],
    ["never began", []],
    ["began and has no end", [{ ...OPEN, role: "part" as const }]],
  ])("and nothing of the kind when its work %s", async (_, effects) => {
    const outcome = await outcomeOf(NOT_DONE, undefined, effects);
    expect(outcome).toMatchObject({ status: "FAILED", Error: OTHERWISE });
  });

  it("is flagged too where a later command failed, with that failure's words", async () => {
    const outcome = await outcomeOf(NOT_DONE, undefined, [ended(part("register"), "part"), ended(TAKEN)]);
    expect(outcome).toMatchObject({
      status: "FAILED",
      Error: { Code: "PARTLY_DONE", Message: `done and not taken back: registry register; ${TAKEN.Error?.Message}` },
      effects: [effect("register")],
    });
  });

  it.each([
    ["an Action that ended without an outcome", "ACTION_FAILED"],
    ["a worker that gave no answer", "WORK_NOT_DONE"],
  ])("is flagged where all that was reported is %s", async (_, Code) => {
    const reported: Outcome = { status: "FAILED", Error: { Code, Message: "no answer", Retryable: true }, effects: [] };
    const outcome = await outcomeOf(NOT_DONE, reported, [ended(part("register"), "part")]);
    expect(outcome).toMatchObject({
      Error: { Code: "PARTLY_DONE", Message: "done and not taken back: registry register; no answer" },
      effects: [effect("register")],
    });
  });

  it("keeps the Action's own words where it flagged the item itself", async () => {
    const flagged = { Code: "PARTLY_DONE_DNS_FAILED", Message: "registered, without DNS", Retryable: false };
    const reported: Outcome = { status: "FAILED", Error: flagged, effects: [effect("register")] };
    const outcome = await outcomeOf(NOT_DONE, reported, [ended(part("register"), "part"), ended(TAKEN)]);
    expect(outcome).toMatchObject({ Error: flagged, effects: [effect("register")] });
  });

  it("is flagged where the reversal was refused", async () => {
    const effects = [ended(part("register"), "part"), ended({ ...TAKEN, effects: [] }, "reversal")];
    expect(await outcomeOf(NOT_DONE, undefined, effects)).toMatchObject({ Error: { Code: "PARTLY_DONE" } });
  });

  it("is counted however its Action put it (P7)", async () => {
    const coded = (Code: string) =>
      ItemOutcome.parse({
        ...{ itemId: "item-0", route: "REGISTER_DOMAIN", requestId: "r0", status: "FAILED", effects: [] },
        Error: { Code, Message: "m", Retryable: false },
      });
    const items = ["PARTLY_DONE", "PARTLY_DONE_DNS_FAILED", "DOMAIN_TAKEN"].map(coded);
    expect(flaggedItems(items)).toEqual({ unpaid: 0, partlyDone: 2 });
  });

  it("keeps the failure of a later command where the part was taken back", async () => {
    const effects = [ended(part("register"), "part"), ended(TAKEN), ended(part("release"), "reversal")];
    expect(await outcomeOf(NOT_DONE, undefined, effects)).toMatchObject({ status: "FAILED", Error: TAKEN.Error });
  });
});
