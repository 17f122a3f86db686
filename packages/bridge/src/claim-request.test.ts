import { describe, expect, it } from "vitest";
import { type Claim, type Pin, pinEntry } from "./claim.ts";
import { claimRequest, claimTapped, pinIsDrained } from "./claim-request.ts";
import { PinKey, requestKeyText } from "./ids.ts";
import type { ClaimResult } from "./ports.ts";
import { type Lane, pathOf } from "./rollout.ts";
import { aClaim, aKey, bridgeError, NOW, ScriptedClaims } from "./testing.ts";

const open = aClaim("legacy", aKey("open"));
const ended = aClaim("legacy", { ...aKey("ended"), endedAt: NOW });
const pinned = (lane: Lane, ...holders: readonly Claim[]): Pin => ({
  lane,
  entries: holders.map((claim) => pinEntry(claim, claim.generation)),
});
const said = (pin: Pin): ClaimResult => ({ kind: "pinned", pin });

const proposal = (lane: Lane): Claim => aClaim(pathOf(lane), lane === "delegate" ? { integration: "delegate" } : {});
const request = (ledger: ScriptedClaims, wanted: Lane, forced = false) =>
  claimRequest(ledger, proposal, wanted, () => !forced);

describe("a request gets its path", () => {
  it("as the flag wanted, with one write, where nothing holds its key", async () => {
    const ledger = new ScriptedClaims(["claimed"]);
    expect(await request(ledger, "order")).toEqual(proposal("order"));
    expect(ledger.asked).toEqual([{ path: "order", takeOver: undefined }]);
  });

  it.each([false, true])("from the claim that is there, whatever was wanted; forced: %s", async (forced) => {
    const there = aClaim("order", { bucket: 9 });
    const ledger = new ScriptedClaims([{ kind: "exists", claim: there }]);
    expect(await request(ledger, "legacy", forced)).toBe(there);
    expect(ledger.asked).toHaveLength(1);
  });

  it("from the pin, while work is in flight on its key", async () => {
    const ledger = new ScriptedClaims([said(pinned("legacy", ended, open)), "claimed"], [open, ended]);
    expect((await request(ledger, "order")).path).toBe("legacy");
    expect(ledger.asked).toEqual([
      { path: "order", takeOver: undefined },
      { path: "legacy", takeOver: undefined },
    ]);
  });

  it("from the pin, while a claim that the pin names is not there to be asked", async () => {
    const ledger = new ScriptedClaims([said(pinned("legacy", open)), "claimed"]);
    expect((await request(ledger, "order")).path).toBe("legacy");
  });

  it.each([false, true])("as wanted, taking over exactly the drained entries it saw; forced: %s", async (forced) => {
    const other = aClaim("legacy", { ...aKey("other@1#2"), endedAt: NOW, generation: 3 });
    const pin = pinned("legacy", ended, other);
    const ledger = new ScriptedClaims([said(pin), "claimed"], [ended, other]);
    expect((await request(ledger, "order", forced)).path).toBe("order");
    expect(ledger.asked[1]).toEqual({ path: "order", takeOver: pin.entries });
    expect(ledger.readKeys).toEqual([requestKeyText(ended), requestKeyText(other)]);
  });

  it("again from what the pin says now, when somebody joined it during a takeover", async () => {
    const ledger = new ScriptedClaims(
      [said(pinned("legacy", ended)), said(pinned("legacy", ended, open)), "claimed"],
      [open, ended],
    );
    expect((await request(ledger, "order")).path).toBe("legacy");
    expect(ledger.asked.map(({ takeOver }) => takeOver)).toEqual([
      undefined,
      pinned("legacy", ended).entries,
      undefined,
    ]);
  });

  it("without a takeover, when somebody else took the pin over to our path", async () => {
    const ledger = new ScriptedClaims([said(pinned("legacy", ended)), said(pinned("order", open)), "claimed"], [ended]);
    expect((await request(ledger, "order")).path).toBe("order");
    expect(ledger.asked[2]).toEqual({ path: "order", takeOver: undefined });
  });
});

describe("a message that may only go its wanted path (D7)", () => {
  const busy = aClaim("order", aKey("busy"));

  it("waits while the other path works on its key", async () => {
    const ledger = new ScriptedClaims([said(pinned("order", busy))], [busy]);
    await expect(request(ledger, "legacy", true)).rejects.toEqual(bridgeError("PIN_BUSY", "retry"));
    expect(ledger.asked).toEqual([{ path: "legacy", takeOver: undefined }]);
  });

  it("does not wait for work on its own path", async () => {
    const ledger = new ScriptedClaims([said(pinned("legacy", open)), "claimed"], [open]);
    expect((await request(ledger, "legacy", true)).path).toBe("legacy");
  });
});

describe("a key on which the legacy service works for the order path (N4)", () => {
  const delegated = aClaim("order", { ...aKey("delegated"), integration: "delegate" });

  it("draws the next request after it, where its route can be delegated", async () => {
    const ledger = new ScriptedClaims([said(pinned("delegate", delegated)), "claimed"], [delegated]);
    expect(await request(ledger, "order")).toMatchObject({ path: "order", integration: "delegate" });
  });

  it.each(["order", "legacy"] as const)(
    "keeps a request waiting that wanted %s and cannot be delegated",
    async (lane) => {
      const ledger = new ScriptedClaims([said(pinned("delegate", delegated))], [delegated]);
      const claimed = claimRequest(ledger, proposal, lane, (taken) => taken !== "delegate");
      await expect(claimed).rejects.toEqual(bridgeError("PIN_BUSY", "retry"));
    },
  );

  it("is not delegated while a worker of the new path is at it", async () => {
    const ledger = new ScriptedClaims([said(pinned("order", open)), "claimed"], [open]);
    const claim = await request(ledger, "delegate");
    expect([claim.path, claim.integration]).toEqual(["order", undefined]);
  });
});

describe("a request that a tap saw", () => {
  const tapped = aClaim("legacy", { pinKey: PinKey.parse("example.fi"), tap: "arn:tap", forwardedAt: NOW });

  it("joins the legacy work on its key", async () => {
    const ledger = new ScriptedClaims([said(pinned("order", ended)), "claimed"], [ended]);
    expect(await claimTapped(ledger, tapped)).toEqual({ kind: "claimed", claim: tapped });
  });

  it.each(["order", "delegate"] as const)(
    "is claimed without the pin that %s work holds: it waits for nobody",
    async (lane) => {
      const ledger = new ScriptedClaims([said(pinned(lane, open)), "claimed"], [open]);
      const { pinKey: _, ...unpinned } = tapped;
      expect(await claimTapped(ledger, tapped)).toEqual({ kind: "claimed", claim: unpinned });
    },
  );

  it("says when it was claimed before", async () => {
    const ledger = new ScriptedClaims([{ kind: "exists", claim: open }]);
    expect(await claimTapped(ledger, tapped)).toEqual({ kind: "exists", claim: open });
  });
});

describe("a pin that keeps changing", () => {
  const flip = (n: number) => said(pinned(n % 2 === 0 ? "legacy" : "order", open));
  const rounds = (n: number) => Array.from({ length: n }, (_, round) => flip(round));

  it("is tried in five rounds", async () => {
    const ledger = new ScriptedClaims([...rounds(4), "claimed"], [open]);
    expect((await request(ledger, "order")).path).toBe("order");
  });

  it("is left for the next delivery after the fifth", async () => {
    const ledger = new ScriptedClaims([...rounds(5), "claimed"], [open]);
    await expect(request(ledger, "order")).rejects.toEqual(bridgeError("LEDGER_BUSY", "retry"));
    expect(ledger.asked).toHaveLength(5);
  });
});

describe("a pin is drained", () => {
  it.each([
    ["when it has no entries", [], true],
    ["when every entry's claim has ended", [ended], true],
    ["not while one of them is open", [ended, open], false],
  ])("%s", async (_, holders, drained) => {
    const ledger = new ScriptedClaims([], [open, ended]);
    expect(await pinIsDrained(ledger, pinned("legacy", ...holders))).toBe(drained);
  });

  it("not by the end of an earlier generation", async () => {
    const ledger = new ScriptedClaims([], [ended]);
    expect(await pinIsDrained(ledger, { lane: "legacy", entries: [pinEntry(ended, 1)] })).toBe(false);
  });
});
