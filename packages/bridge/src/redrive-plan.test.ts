import { describe, expect, it } from "vitest";
import { EMPTY_ORDER_RECORD } from "./charge.ts";
import type { Claim } from "./claim.ts";
import { requestKeyText } from "./ids.ts";
import type { ChargeDecision } from "./order.ts";
import { type OrderSeen, planRedrive, REDRIVABLE_FOR } from "./redrive-plan.ts";
import { aClaim, anOrder, COMPLETED, NOW, TAKEN } from "./testing.ts";

const ORDER = anOrder([0, 0]);
const NOTE = { by: "Aino", reason: "x", at: NOW, executionArn: "arn" };
const DONE: Partial<Claim> = { endedAt: NOW, orderOutcome: COMPLETED };
const FAILED: Partial<Claim> = { endedAt: NOW, orderOutcome: TAKEN };

const seen = (
  given: {
    readonly execution?: Partial<OrderSeen["execution"]>;
    readonly record?: Partial<OrderSeen["record"]>;
    readonly claims?: readonly Partial<Claim>[];
    readonly note?: OrderSeen["note"];
  } = {},
): OrderSeen => ({
  execution: {
    ...{ executionArn: "arn", status: "ABORTED", redriveCount: 0, startedAt: NOW, stoppedAt: NOW },
    ...{ input: "", output: undefined, error: undefined, ...given.execution },
  },
  order: ORDER,
  record: { ...EMPTY_ORDER_RECORD, ...given.record },
  claims: new Map(
    (given.claims ?? [{}, {}]).flatMap((claim, i) => {
      const item = ORDER.items[i];
      return item ? [[requestKeyText(item), aClaim("order", { requestId: item.requestId, ...claim })]] : [];
    }),
  ),
  note: given.note,
  now: NOW + 1,
});
const moved = (plan: ReturnType<typeof planRedrive>) => (plan.kind === "move" ? plan.claims.length : plan);

describe("a redrive", () => {
  it.each<[string, Partial<Claim>[], number]>([
    ["of what has not ended", [{}, {}], 2],
    ["of what failed, and not of what is done", [DONE, FAILED], 1],
    ["after one in which some was done", [DONE, { ...FAILED, generation: 2 }], 1],
  ])("moves the claims %s", (_, claims, count) => {
    const redriveCount = Math.max(...claims.map(({ generation = 0 }) => generation));
    const record = { generation: redriveCount };
    expect(moved(planRedrive(seen({ execution: { redriveCount }, record, claims })))).toBe(count);
  });

  it("takes back that there was nothing to charge, and no other decision", () => {
    expect(moved(planRedrive(seen({ record: { decision: { kind: "none" } } })))).toBe(2);
    const decisions: ChargeDecision[] = [{ kind: "cancel" }, { kind: "capture", items: [], sum: 1 }];
    for (const decision of decisions) {
      expect(planRedrive(seen({ record: { decision } }))).toMatchObject({ code: "CHARGE_DECIDED" });
    }
  });

  it("goes on where the ledger was moved, and says so where the order runs already", () => {
    const record = { generation: 1 };
    expect(planRedrive(seen({ record, note: NOTE }))).toEqual({ kind: "resume", note: NOTE });
    const execution = { status: "RUNNING", redriveCount: 1 } as const;
    expect(planRedrive(seen({ record, note: NOTE, execution }))).toEqual({ kind: "under-way", note: NOTE });
    expect(planRedrive(seen({ record, execution }))).toMatchObject({ code: "NOT_REDRIVABLE" });
  });

  it.each([
    ["that runs", { execution: { status: "RUNNING" } }, "NOT_REDRIVABLE"],
    ["that succeeded", { execution: { status: "SUCCEEDED" } }, "NOT_REDRIVABLE"],
    ["that Step Functions refuses", { execution: { notRedrivable: "" } }, "NOT_REDRIVABLE"],
    ["for which no name is left", { execution: { redriveCount: 99 } }, "NOT_REDRIVABLE"],
    ["that is done", { claims: [DONE, DONE] }, "NOT_REDRIVABLE"],
    ["too late", { execution: { stoppedAt: NOW - REDRIVABLE_FOR } }, "REDRIVE_WINDOW_OVER"],
    ["redriven by hand", { execution: { redriveCount: 1 } }, "REDRIVEN_BY_HAND"],
    [
      "redriven by hand, of which a claim has not ended",
      { execution: { redriveCount: 1 }, record: { generation: 1 }, claims: [{ generation: 1 }, {}] },
      "REDRIVEN_BY_HAND",
    ],
    ["with a request that has no claim", { claims: [{}] }, "UNKNOWN_ORDER"],
  ] as const)("is refused for an order %s", (_, given, code) => {
    expect(planRedrive(seen(given))).toMatchObject({ kind: "refused", code });
  });

  it("is possible up to the end of the 14th day", () => {
    expect(moved(planRedrive(seen({ execution: { stoppedAt: NOW + 1 - REDRIVABLE_FOR } })))).toBe(2);
  });

  it("looks again where the ledger is ahead, and nobody says who moved it", () => {
    expect(planRedrive(seen({ claims: [{ generation: 1 }, {}] }))).toEqual({ kind: "look-again" });
    expect(planRedrive(seen({ record: { generation: 2 } }))).toEqual({ kind: "look-again" });
  });
});
