import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { clientOptions } from "../clients.ts";
import { createFunctionHost } from "../functions.ts";
import { startQueueMapping } from "./sqs.ts";
import { startStreamMapping } from "./stream.ts";

const nowhere = clientOptions("http://127.0.0.1:1", "eu-west-1");
const functions = createFunctionHost();
functions.register("f", async () => null);

const queueArn = "arn:aws:sqs:eu-west-1:000000000000:q";
const queue = { queueUrl: "http://127.0.0.1:1/000000000000/q", queueArn, functionName: "f" };

test.each([
  ["a batch of none", { batchSize: 0 }, "batchSize"],
  ["a batch over 10 without a window", { batchSize: 11 }, "maximumBatchingWindowSeconds"],
  ["a batch over 10 with a window of 0", { batchSize: 11, maximumBatchingWindowSeconds: 0 }, "batchSize over 10"],
  ["a batch over 10,000", { batchSize: 10_001, maximumBatchingWindowSeconds: 1 }, "batchSize"],
  ["half a message", { batchSize: 1.5 }, "batchSize"],
  ["a window over 300 s", { maximumBatchingWindowSeconds: 301 }, "maximumBatchingWindowSeconds"],
  ["no concurrency", { maximumConcurrency: 0 }, "maximumConcurrency"],
  ["a window on FIFO", { queueArn: `${queueArn}.fifo`, maximumBatchingWindowSeconds: 1 }, "FIFO"],
  ["a batch over 10 on FIFO", { queueArn: `${queueArn}.fifo`, batchSize: 11 }, "FIFO"],
  ["an unknown function", { functionName: "g" }, "no such function: g"],
  ["a queue that is no ARN", { queueArn: "q" }, "ARN"],
])("a queue mapping refuses %s", (_, wrong, reason) => {
  const client = new SQSClient(nowhere);
  expect(() => startQueueMapping(client, functions, { ...queue, ...wrong })).toThrow(reason);
});

const streamArn = "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/s";

test.each([
  ["a batch of none", { batchSize: 0 }, "batchSize"],
  ["a batch over 10,000", { batchSize: 10_001 }, "batchSize"],
  ["less than no retries", { maximumRetryAttempts: -1 }, "maximumRetryAttempts"],
  ["eleven lanes", { parallelizationFactor: 11 }, "parallelizationFactor"],
  ["a window over 300 s", { maximumBatchingWindowSeconds: 301 }, "maximumBatchingWindowSeconds"],
  ["more than five filters", { filters: Array.from({ length: 6 }, () => '{"eventName":["INSERT"]}') }, "filters"],
  ["a filter that is no pattern", { filters: ["{}"] }, "Empty objects"],
  ["polling without a pause", { pollMs: 0 }, "pollMs"],
  ["an unknown function", { functionName: "g" }, "no such function: g"],
  ["a stream that is no ARN", { streamArn: "s" }, "ARN"],
])("a stream mapping refuses %s", (_, wrong, reason) => {
  const client = new DynamoDBStreamsClient(nowhere);
  const options = { streamArn, functionName: "f", startingPosition: "LATEST", ...wrong } as const;
  expect(() => startStreamMapping(client, functions, options)).toThrow(reason);
});
