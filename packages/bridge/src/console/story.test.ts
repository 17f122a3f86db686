import { describe, expect, it } from "vitest";
import { EMPTY_ORDER_RECORD } from "../charge.ts";
import type { Claim } from "../claim.ts";
import { RequestId, RouteType, requestKeyText } from "../ids.ts";
import { actionArn } from "../keep-evidence.ts";
import type { ExecutionDescription } from "../ports.ts";
import { aClaim, anOrder, clock, NOW, REGISTER, TAKEN } from "../testing.ts";
import { requestStories, type StoryDeps } from "./story.ts";
import { RequestStories } from "./views.ts";

const RENEW = RouteType.parse("RENEW_DOMAIN");
const ID = RequestId.parse("r0");
const ARN = "arn:aws:states:eu-west-1:000000000000:execution:webcat-Order:order-1";

const described = (executionArn: string, given: Partial<ExecutionDescription> = {}): ExecutionDescription => ({
  ...{ executionArn, status: "SUCCEEDED", redriveCount: 0, startedAt: NOW, stoppedAt: NOW + 1, input: "{}" },
  ...{ output: '{"secret":"Aino"}', error: undefined, ...given },
});

/** An outside that knows these claims and these executions, and counts what it is asked. */
function outside(claims: readonly Claim[], executions: readonly ExecutionDescription[] = []) {
  let calls = 0;
  const known = new Map(executions.map((each) => [each.executionArn, each]));
  const counted = <T>(value: T): Promise<T> => {
    calls++;
    return Promise.resolve(value);
  };
  const deps: StoryDeps = {
    migration: { routes: new Map([REGISTER, RENEW].map((route) => [route, {} as never])) },
    claims: {
      readMany: (keys) =>
        counted(
          new Map(claims.map((each) => [requestKeyText(each), each] as const).filter(([key]) => keys.includes(key))),
        ),
    },
    effects: {
      read: () =>
        counted([
          { ...{ n: 0, generation: 0, role: "whole", owner: "w", begunAt: NOW, sentAt: undefined }, outcome: SAYS },
        ]),
    },
    charges: { read: () => counted(EMPTY_ORDER_RECORD) },
    redrives: {
      note: (_, generation) =>
        counted({ by: "Aino", reason: "mail@example.fi asked", at: NOW + generation, executionArn: ARN }),
    },
    executions: {
      find: () => counted(known.get(ARN)),
      look: (arn) => counted(known.get(arn)),
      history: (arn) =>
        counted(
          known.has(arn) ? [{ id: 1, at: NOW, type: "ExecutionAborted", error: "somebody's own words" }] : undefined,
        ),
    },
    verdicts: { of: () => counted([]) },
    tracking: { read: () => counted({ requestId: ID, tags: new Set(["a"]), big: 12n }) },
    clock,
  };
  return { deps, calls: () => calls };
}
const SAYS = { ...TAKEN, Error: { Code: "DOMAIN_TAKEN", Message: "Aino has it", Retryable: false } };

const claim = aClaim("order", { requestId: ID, orderOutcome: SAYS, endedAt: NOW + 5, generation: 2 });

describe("the stories of an id", () => {
  it("are one for each route that has it, and none where none has", async () => {
    const { deps } = outside([aClaim("legacy", { requestId: ID }), aClaim("legacy", { requestId: ID, route: RENEW })]);
    const { stories } = await requestStories(deps, ID, "all");
    expect(stories.map(({ route }) => route)).toEqual([REGISTER, RENEW]);
    expect((await requestStories(deps, RequestId.parse("other"), "all")).stories).toEqual([]);
  });

  it("hold everything for an operator: the row too, whatever the old table keeps in it", async () => {
    const { stories } = await requestStories(outside([claim]).deps, ID, "all");
    expect(stories[0]?.personal).toMatchObject({
      ...{ cohortKey: "cust-1", row: { requestId: "r0", tags: ["a"], big: "12" }, orderOutcome: SAYS },
    });
    expect(stories[0]?.effects).toMatchObject([{ error: SAYS.Error }]);
  });

  it("hold no payload, no person's data and no free text of an error for anybody else", async () => {
    const order = anOrder([100, 100]);
    const input = JSON.stringify(order);
    const [item] = order.items;
    if (item === undefined) throw new Error("no item");
    const executions = [
      described(ARN, { input, redriveCount: 2, error: "somebody's own words" }),
      described(actionArn(ARN, item, 0), { input, status: "FAILED" }),
      described(actionArn(ARN, item, 2), { input }),
    ];
    const stories = await requestStories(outside([claim], executions).deps, ID, "masked");
    expect(RequestStories.parse(JSON.parse(JSON.stringify(stories)))).toMatchObject({ requestId: ID });
    const [story] = stories.stories;
    expect(story?.execution?.children).toMatchObject([{ status: "FAILED" }, { status: "SUCCEEDED" }]);
    expect(story?.execution?.error).toBe("(not a name)");
    expect(story?.claim.end).toEqual({ status: "FAILED", code: "DOMAIN_TAKEN" });
    expect(story?.timeline.map(({ what }) => what)).toContain("action RegisterDomain FAILED");
    const text = JSON.stringify(stories);
    for (const secret of ["Aino has it", "mail@example.fi", "example0.fi", "cust-1", "own words", "secret"])
      expect(text).not.toContain(secret);
  });

  it("cost no more calls than they say, for an order of 40 items that was redriven often", async () => {
    const order = { ...anOrder(Array.from({ length: 40 }, () => 1)) };
    const shadow = { executionName: order.executionName };
    const all = order.items.flatMap((item) => [0, 97, 98, 99].map((n) => described(actionArn(ARN, item, n))));
    const root = described(ARN, { input: JSON.stringify(order), redriveCount: 99 });
    const { deps, calls } = outside([{ ...claim, generation: 99, shadow }], [root, ...all]);
    const { stories } = await requestStories(deps, ID, "all");
    expect(stories[0]?.execution?.children).toHaveLength(12);
    expect(calls()).toBeLessThanOrEqual(1 + 42);
    const bare = outside([{ ...claim, generation: 99, shadow }], [root]);
    await requestStories(bare.deps, ID, "all");
    expect(bare.calls()).toBeLessThanOrEqual(1 + 42);
  });
});
