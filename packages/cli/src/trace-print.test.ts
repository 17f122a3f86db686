import { OrderId, RequestId, RouteType } from "@crossfade/bridge";
import type { ExecutionView, RequestStory } from "@crossfade/bridge/console";
import { describe, expect, it } from "vitest";
import { coloursOf } from "./terminal.ts";
import { storyText } from "./trace-print.ts";

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0);
const terminal = { write: () => undefined, note: () => undefined, colours: coloursOf({}, undefined) };
const key = { route: RouteType.parse("REGISTER_DOMAIN"), requestId: RequestId.parse("r-1") };
const ORDER = OrderId.parse("0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11");
const claim: RequestStory["claim"] = {
  ...{ path: "legacy", origin: "message", stage: "split", rolloutVersion: 1, bucket: 7, generation: 0, decidedAt: NOW },
};
const execution = (given: Partial<ExecutionView> = {}): ExecutionView => ({
  ...{ name: "order-1", arn: "arn", machine: "webcat-Order", status: "RUNNING", startedAt: NOW, redriveCount: 0 },
  ...{ history: [], children: [], ...given },
});

function told(given: Partial<RequestStory["claim"]>, more: Partial<RequestStory> = {}): string {
  const story: RequestStory = {
    ...{ at: NOW, ...key, claim: { ...claim, ...given }, timeline: [], effects: [], verdicts: [], ...more },
  };
  return storyText(terminal, story, NOW + 90_000);
}

const ENDED = { endedAt: NOW + 500 };
const order = { path: "order", orderId: ORDER } as const;
const judged = { ...key, against: "legacy", verdict: "mismatch", at: NOW } as const;

describe("where a request stands", () => {
  it.each([
    ["legacy, not sent", {}, {}, "in flight for 90.0 s, not known to be sent to the legacy consumer"],
    ["legacy, sent", { forwardedAt: NOW }, {}, "the legacy consumer has it, and its row tells no end"],
    ["order, not started", order, {}, "its order is not known to be started"],
    ["order, running", { ...order, startedAt: NOW }, { execution: execution() }, "its order runs"],
    [
      "order, failed",
      { ...order, startedAt: NOW },
      { execution: execution({ status: "FAILED" }) },
      `its order is FAILED: crossfade redrive ${ORDER} runs again`,
    ],
    ["ended", { ...ENDED, end: { status: "COMPLETED" } }, {}, "ended COMPLETED after 500 ms"],
    [
      "ended, stopped",
      { ...order, ...ENDED, end: { status: "FAILED", code: "ORDER_ABORTED" } },
      { execution: execution({ status: "ABORTED" }) },
      `ended FAILED ORDER_ABORTED after 500 ms; crossfade redrive ${ORDER} runs again`,
    ],
    [
      "ended otherwise than planned",
      ENDED,
      { verdicts: [judged] },
      "judged mismatch; crossfade diffs REGISTER_DOMAIN --request r-1 shows why",
    ],
  ] as const)("%s", (_, given, more, says) => {
    expect(told(given, { ...more, verdicts: [...("verdicts" in more ? more.verdicts : [])] }).split("\n")[0]).toContain(
      says,
    );
  });
});

it("shows where each execution broke, and each Action below its order", () => {
  const history = [
    { id: 1, at: NOW, type: "TaskStateEntered", state: "Register domain" },
    { id: 2, at: NOW, type: "TaskTimedOut", error: "States.Timeout" },
  ];
  const child = execution({ machine: "webcat-RegisterDomain", status: "TIMED_OUT", stoppedAt: NOW + 61_000, history });
  const text = told(order, { execution: execution({ status: "FAILED", redriveCount: 1, children: [child] }) });
  expect(text).toContain("\n  webcat-Order FAILED, redriven 1 times\n");
  expect(text).toContain('\n    webcat-RegisterDomain TIMED_OUT in 61.0 s, last at "Register domain"\n');
});
