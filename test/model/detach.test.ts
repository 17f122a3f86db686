import { describe, it } from "vitest";
import { type DetachRules, type DetachScenario, detach } from "./detach.ts";
import { expectBreaks, expectHolds } from "./expectations.ts";

const ALL: DetachRules = {
  mappings: "turns",
  hold: true,
  oldDrained: true,
  epoch: true,
  ingestDrained: true,
  sweep: true,
  quiet: "before-on",
  forwardDrained: true,
};

/** From an attached bridge and back, ingest and the old consumer crashing once each. */
const BACK: DetachScenario = { messages: 2, from: "attached", turns: 1, ingestCrashes: 1, legacyCrashes: 1 };
const THERE: DetachScenario = { ...BACK, from: "detached", turns: 0 };

describe("model D: there, back, and there again", () => {
  it("D8 the way back holds with all rules", () => {
    expectHolds(detach(ALL, BACK));
  });

  it("D8r the operator may turn back at any step", () => {
    expectHolds(detach(ALL, { ...THERE, turns: 1 }));
  });

  it("D8rr and turn again, ingest crashing once, or the old consumer", () => {
    expectHolds(detach(ALL, { ...THERE, turns: 2, legacyCrashes: 0 }));
    expectHolds(detach(ALL, { ...THERE, turns: 2, ingestCrashes: 0 }));
  });

  it("D8o mappings that overlap at attach: what ingest sent and did not acknowledge, the old mapping takes again", () => {
    expectBreaks(detach({ ...ALL, mappings: "overlap" }, THERE), {
      "TWICE legacy consumer did a message twice": 10,
    });
  });

  it("D8oc only a crash of ingest makes them unsafe", () => {
    expectHolds(detach({ ...ALL, mappings: "overlap" }, { ...THERE, turns: 1, ingestCrashes: 0 }));
  });

  it("D9 without the sweep the old consumer gets what the bridge has claimed", () => {
    expectBreaks(detach({ ...ALL, sweep: false }, BACK), {
      "P1 message lost": 10,
      "P2 a message took both paths": 12,
      "TWICE legacy consumer did a message twice": 14,
    });
  });

  it("D10 without the hold the next attach meets a raised flag while the old work goes on", () => {
    expectBreaks(detach({ ...ALL, hold: false }, { ...BACK, turns: 2 }), {
      "P4 legacy and order at work at once": 16,
      "P2 a message took both paths": 16,
    });
  });

  it("D10a the way back alone needs no hold: the wait for orders in flight keeps the paths apart", () => {
    expectHolds(detach({ ...ALL, hold: false }, BACK));
  });

  it("D11 a sweep that does not wait for ingest's deliveries misses what returns later", () => {
    expectBreaks(detach({ ...ALL, ingestDrained: false }, BACK), {
      "P2 a message took both paths": 12,
      "TWICE legacy consumer did a message twice": 14,
      "P1 message lost": 15,
    });
  });

  it("D12 an order may begin after the last look for orders in flight, unless that follows the sweep", () => {
    const broken = { "P4 legacy and order at work at once": 12 } as const;
    expectBreaks(detach({ ...ALL, quiet: "before-off" }, BACK), broken);
    expectBreaks(detach({ ...ALL, quiet: "never" }, BACK), broken);
  });

  it("D13 a forward queue that loses its reader too early keeps messages", () => {
    expectBreaks(detach({ ...ALL, forwardDrained: false }, BACK), { "P1 message lost": 15 });
  });

  it("D14 a hold that ends while the old mapping's deliveries go on", () => {
    expectBreaks(detach({ ...ALL, oldDrained: false }, THERE), { "P4 legacy and order at work at once": 11 });
  });

  it("D15 without the time of the switch, what the old consumer did and did not acknowledge follows the flag", () => {
    expectBreaks(detach({ ...ALL, epoch: false }, THERE), { "P2 a message took both paths": 11 });
  });
});
