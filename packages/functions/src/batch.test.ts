import { describe, expect, it } from "vitest";
import { eachRecord } from "./batch.ts";

const record = (messageId: string) => ({
  ...{ messageId, body: messageId, receiptHandle: `handle-${messageId}`, eventSourceARN: "arn:aws:sqs:x:1:q" },
  attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1763712000000" },
  messageAttributes: {},
});
const ORDERS = [
  ["done", "undone", "thrown", "done-too"],
  ["thrown", "done-too", "done", "undone"],
  ["undone", "thrown", "done-too", "done"],
];

describe("a batch (P10)", () => {
  it.each(ORDERS.map((ids) => [ids]))("reports what is not done and what throws, and nothing else: %j", async (ids) => {
    // The last to come is the first to be finished.
    const waiting: (() => void)[] = [];
    const handle = async ({ body }: { readonly body: string }): Promise<boolean> => {
      await new Promise<void>((resolve) => {
        waiting.unshift(resolve);
        if (waiting.length === ids.length) for (const go of waiting) go();
      });
      if (body === "thrown") throw new Error("no");
      return body !== "undone";
    };
    const told: string[] = [];
    const response = await eachRecord({ Records: ids.map(record) }, handle, ({ messageId }) => told.push(messageId));
    const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    expect(failed.toSorted()).toEqual(["thrown", "undone"]);
    expect(told).toEqual(["thrown"]);
  });
});
