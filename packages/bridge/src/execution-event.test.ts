import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { executionOf, StatusChangeEvent } from "./execution-event.ts";
import { ExecutionStatus } from "./fence.ts";
import type { ExecutionDescription } from "./ports.ts";
import { NOW } from "./testing.ts";

const ARN = "arn:aws:states:eu-west-1:000000000000:execution:webcat-order:order-1";

/** What DescribeExecution says: later than every event below, so that a mixture would show. */
const DESCRIBED: ExecutionDescription = {
  executionArn: ARN,
  status: "RUNNING",
  redriveCount: 9,
  startedAt: NOW + 1,
  stoppedAt: undefined,
  input: '{"from":"describe"}',
  output: undefined,
  error: undefined,
};

const anEvent = (detail: Record<string, unknown> = {}): StatusChangeEvent =>
  StatusChangeEvent.parse({
    version: "0",
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    detail: {
      executionArn: ARN,
      status: "SUCCEEDED",
      startDate: NOW,
      stopDate: NOW + 500,
      input: "{}",
      inputDetails: { included: true },
      output: "{}",
      redriveCount: 1,
      ...detail,
    },
  });

async function told(event: StatusChangeEvent) {
  const asked: string[] = [];
  const describe = async (arn: string) => {
    asked.push(arn);
    return DESCRIBED;
  };
  return { execution: await executionOf({ describe }, event), asked };
}

describe("the execution that an event tells of", () => {
  it("comes from the event alone, where the event is whole", async () => {
    const { execution, asked } = await told(anEvent({ redriveCount: 0, error: null }));
    expect(asked).toEqual([]);
    expect(execution).toEqual({
      executionArn: ARN,
      status: "SUCCEEDED",
      redriveCount: 0,
      startedAt: NOW,
      stoppedAt: NOW + 500,
      input: "{}",
      output: "{}",
      error: undefined,
    });
  });

  it.each(["RUNNING", "FAILED", "TIMED_OUT", "ABORTED"])("needs no output when it is %s", async (status) => {
    const { execution, asked } = await told(anEvent({ status, output: null, stopDate: null }));
    expect(asked).toEqual([]);
    expect(execution).toMatchObject({ status, redriveCount: 1, output: undefined, stoppedAt: undefined });
  });

  it.each([
    ["its input is above the limit", { input: null, inputDetails: { included: false } }],
    ["its input is missing", { input: undefined }],
    ["its output is above the limit", { output: null }],
    ["its output is missing", { output: undefined }],
    ["its redriveCount is missing", { redriveCount: undefined }],
    ["its redriveCount is null", { redriveCount: null }],
  ])("is asked for as a whole when %s", async (_, detail) => {
    const { execution, asked } = await told(anEvent(detail));
    expect(asked).toEqual([ARN]);
    expect(execution).toEqual(DESCRIBED);
  });

  it("is not asked for when the text is there and empty", async () => {
    expect((await told(anEvent({ input: "", output: "" }))).asked).toEqual([]);
  });

  it.each(["PENDING_REDRIVE", "PAUSED", "succeeded"])(
    "is none for the status %s, and nobody is asked",
    async (status) => {
      const whole = anEvent({ status });
      const partial = anEvent({ status, input: null, redriveCount: null });
      expect(await told(whole)).toEqual({ execution: undefined, asked: [] });
      expect(await told(partial)).toEqual({ execution: undefined, asked: [] });
    },
  );

  it("never has its status from one source and its redriveCount from the other (property)", async () => {
    const details = fc.record(
      {
        status: fc.constantFrom(...ExecutionStatus.options),
        input: fc.constantFrom("{}", null),
        output: fc.constantFrom("{}", null),
        redriveCount: fc.constantFrom(0, 1, null),
        stopDate: fc.constantFrom(NOW, null),
        error: fc.constantFrom("States.Timeout", null),
      },
      { requiredKeys: ["status"] },
    );
    await fc.assert(
      fc.asyncProperty(details, async (given) => {
        const event = anEvent({ input: null, output: null, redriveCount: null, ...given });
        const { execution, asked } = await told(event);
        const { status, redriveCount } = asked.length > 0 ? DESCRIBED : event.detail;
        expect(execution).toMatchObject({ status, redriveCount });
        if (asked.length > 0) expect(execution).toBe(DESCRIBED);
      }),
    );
  });
});

describe("an event that is none of ours", () => {
  it.each([
    ["source", { ...anEvent(), source: "aws.ecs" }],
    ["detail-type", { ...anEvent(), "detail-type": "Something Else" }],
    ["detail", { ...anEvent(), detail: undefined }],
  ])("is refused by its %s", (field, event) => {
    expect(StatusChangeEvent.safeParse(event).error?.issues[0]?.path).toEqual([field]);
  });
});
