import { describe, it } from "vitest";
import { type AttachRules, attach } from "./attach.ts";
import { expectBreaks, expectHolds } from "./expectations.ts";

const TOPIC: AttachRules = {
  shape: "topic",
  mappings: "overlap",
  suppress: false,
  gate: false,
  epoch: false,
  epochWait: false,
};
const OVERLAP: AttachRules = { ...TOPIC, shape: "queue" };
const TURNS: AttachRules = { ...OVERLAP, mappings: "turns" };
const ALL_RULES = { gate: true, epoch: true, epochWait: true };

const CALM = { messages: 2, crashes: 0 };
const CRASH = { messages: 2, crashes: 1 };

describe("model D: the switch at a topic, which cannot hold", () => {
  it("D1 both subscriptions deliver for a while", () => {
    expectBreaks(attach(TOPIC, CALM), {
      "TWICE legacy consumer did a message twice": 6,
      "P4 legacy and order at work at once": 7,
      "P2 a message took both paths": 7,
    });
  });

  it("D2 not forwarding meanwhile loses messages", () => {
    expectBreaks(attach({ ...TOPIC, suppress: true }, CALM), {
      "P4 legacy and order at work at once": 7,
      "P2 a message took both paths": 7,
      "TWICE legacy consumer did a message twice": 8,
      "P1 message lost": 8,
    });
  });

  it("D2g holding the flag until the direct copies are drained keeps the paths apart, not the messages", () => {
    expectBreaks(attach({ ...TOPIC, gate: true }, CALM), {
      "TWICE legacy consumer did a message twice": 6,
      "P2 a message took both paths": 9,
    });
  });

  it("D2sg both together still lose and repeat", () => {
    expectBreaks(attach({ ...TOPIC, suppress: true, gate: true }, CALM), {
      "TWICE legacy consumer did a message twice": 8,
      "P1 message lost": 8,
      "P2 a message took both paths": 9,
    });
  });

  it("D2h with all rules the legacy consumer may repeat a message, and nothing else breaks", () => {
    expectBreaks(attach({ ...TOPIC, ...ALL_RULES }, CALM), { "TWICE legacy consumer did a message twice": 6 });
  });
});

describe("model D: the switch at a queue", () => {
  it("D3 the flag is raised while the old consumer is still at work", () => {
    expectBreaks(attach(OVERLAP, CALM), { "P4 legacy and order at work at once": 9 });
  });

  it("D3g holds with overlapping mappings, the flag held until the old work is drained", () => {
    expectHolds(attach({ ...OVERLAP, gate: true }, CALM));
  });

  it("D4g holds with mappings that take turns, the flag held until the old work is drained", () => {
    expectHolds(attach({ ...TURNS, gate: true }, CALM));
  });

  it("D5 a crash returns a message that already had its effect", () => {
    expectBreaks(attach(TURNS, CRASH), {
      "P4 legacy and order at work at once": 9,
      "P2 a message took both paths": 9,
    });
  });

  it("D5g holding the flag does not help a message that returns later", () => {
    expectBreaks(attach({ ...TURNS, gate: true }, CRASH), { "P2 a message took both paths": 9 });
  });

  it("D6 messages sent before the switch go legacy, on a domain that is on order by then", () => {
    expectBreaks(attach({ ...TURNS, gate: true, epoch: true }, CRASH), { "P4 legacy and order at work at once": 11 });
  });

  it("D6o the same where the mappings overlap", () => {
    expectBreaks(attach({ ...OVERLAP, gate: true, epoch: true }, CRASH), { "P4 legacy and order at work at once": 11 });
  });

  it("D6e messages sent before the switch go legacy, and the flag is not held", () => {
    expectBreaks(attach({ ...TURNS, epoch: true }, CRASH), { "P4 legacy and order at work at once": 9 });
  });

  it("D7 holds when such a message waits for its pin", () => {
    expectHolds(attach({ ...TURNS, ...ALL_RULES }, CRASH));
  });

  it("D7o holds where the mappings overlap", () => {
    expectHolds(attach({ ...OVERLAP, ...ALL_RULES }, CRASH));
  });

  it("D7h breaks when the flag is not held", () => {
    expectBreaks(attach({ ...OVERLAP, ...ALL_RULES, gate: false }, CRASH), {
      "P4 legacy and order at work at once": 9,
    });
  });

  it("D7e breaks when old messages follow the flag", () => {
    expectBreaks(attach({ ...OVERLAP, ...ALL_RULES, epoch: false }, CRASH), { "P2 a message took both paths": 9 });
  });
});

describe("model D: from tap to intercept", () => {
  const RULES = { ...OVERLAP, ...ALL_RULES };

  it("D8 holds when the consumer's own copy is taken from the tap, and waits for its pin", () => {
    expectHolds(attach({ ...RULES, tap: "taken" }, CRASH));
  });

  it("D8t holds where the mappings take turns", () => {
    expectHolds(attach({ ...TURNS, ...ALL_RULES, tap: "taken" }, CRASH));
  });

  it("D8a loses a message when that copy is taken for a duplicate", () => {
    expectBreaks(attach({ ...RULES, tap: "acknowledged" }, CALM), { "P1 message lost": 11 });
  });

  it("D8f breaks when that copy is forwarded while an order works on its key", () => {
    expectBreaks(attach({ ...RULES, tap: "forced" }, CALM), { "P4 legacy and order at work at once": 12 });
  });
});
