import {
  FUNCTIONS,
  INGEST_READER,
  LEDGER_READER,
  type QueueReader,
  READ_QUEUES,
  STREAM_READER,
} from "@crossfade/bridge/deployment";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { bundleOf } from "./support/bundles.ts";
import { arnOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:000000000000:${name}`;
const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:webcat-production-${name}`;

const DELEGATE_READER = { function: "delegate-dead-letters", windowSeconds: 0, maximumConcurrency: 2 } as const;

/** Every mapping of a queue: its name, what it reads, and for whom. */
const QUEUES: readonly (readonly [name: string, queue: string, reader: QueueReader])[] = [
  ["ingest-registrations", "webcat-registrations", INGEST_READER],
  ["ingest-refreshes", "webcat-refreshes", INGEST_READER],
  ["ingest-dns", "webcat-dns", INGEST_READER],
  ["mirror", "webcat-production-mirror", READ_QUEUES.mirror],
  ["settle", "webcat-production-settle", READ_QUEUES.settle],
  ["approvals", "webcat-production-approvals", READ_QUEUES.approvals],
  ["delegate-dead-letters-0", "webcat-production-delegate-update-dns-dlq.fifo", DELEGATE_READER],
];

test("there is one mapping for each queue that is read, one for each stream, and no other", () => {
  const names = [...QUEUES.map(([name]) => name), "observe", "compare"];
  expect(
    stack
      .all("mapping")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names.sort());
});

describe.each(QUEUES)("%s", (name, queue, { function: fn, windowSeconds, maximumConcurrency }) => {
  test("reads its queue for its function, in batches, with failures reported one by one", () => {
    expect(stack.one("mapping", name).inputs).toMatchObject({
      eventSourceArn: queueArn(queue),
      functionName: functionArn(fn),
      batchSize: 10,
      maximumBatchingWindowInSeconds: windowSeconds,
      scalingConfig: { maximumConcurrency },
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
});

test("observe reads the stream in order, and halves what fails", () => {
  expect(stack.one("mapping", "observe").inputs).toMatchObject({
    eventSourceArn: "arn:aws:dynamodb:eu-west-1:000000000000:table/webcat-requests/stream/2026-01-01T00:00:00.000",
    functionName: functionArn("observe"),
    batchSize: STREAM_READER.batchSize,
    startingPosition: "TRIM_HORIZON",
    parallelizationFactor: STREAM_READER.parallelizationFactor,
    bisectBatchOnFunctionError: true,
    functionResponseTypes: ["ReportBatchItemFailures"],
  });
});

test("compare reads the ledger's stream: claims and refused messages, never what it writes itself", () => {
  const mapping = stack.one("mapping", "compare").inputs;
  expect(mapping).toMatchObject({
    eventSourceArn: stack.one("table", "ledger").state["streamArn"],
    functionName: functionArn("compare"),
    batchSize: LEDGER_READER.batchSize,
    maximumBatchingWindowInSeconds: 5,
    startingPosition: "TRIM_HORIZON",
    parallelizationFactor: 1,
    bisectBatchOnFunctionError: true,
    functionResponseTypes: ["ReportBatchItemFailures"],
    filterCriteria: {
      filters: [{ pattern: JSON.stringify({ dynamodb: { Keys: { sk: { S: ["CLAIM", "REJECTED"] } } } }) }],
    },
  });
});

describe("ingest", () => {
  const ingest = () => stack.all("mapping").filter(({ name }) => name.startsWith("ingest-"));

  test("reads nothing when it is deployed, and a later deployment leaves the switch as it finds it", () => {
    for (const { inputs, options } of ingest()) {
      expect(inputs["enabled"]).toBe(false);
      expect(options.ignoreChanges).toContain("enabled");
    }
  });

  test("every other mapping is on", () => {
    const others = stack.all("mapping").filter((mapping) => !ingest().includes(mapping));
    for (const { inputs } of others) expect(inputs["enabled"] ?? true).toBe(true);
  });

  test("is told to the operator's command by the mapping's id", () => {
    for (const [source, { mappingId }] of Object.entries(stack.deployed.sources)) {
      expect(mappingId).toBe(stack.one("mapping", `ingest-${source}`).state["uuid"]);
    }
  });

  test("keeps a lease that outlasts it (A4), and is over before a legacy queue shows a message again", () => {
    const { inputs } = stack.one("function", "IngestFunction");
    const { environment } = z
      .object({ environment: z.object({ variables: z.object({ LEASE_MS: z.coerce.number() }) }) })
      .parse(inputs);
    expect(environment.variables.LEASE_MS).toBeGreaterThan(FUNCTIONS.ingest.timeoutSeconds * 1_000);
    for (const source of Object.values(stack.config.sources)) {
      if ("visibilitySeconds" in source)
        expect(source.visibilitySeconds).toBeGreaterThan(FUNCTIONS.ingest.timeoutSeconds);
    }
  });
});

describe("the other side of the contract: the bundle that a mapping calls", () => {
  const Response = z.strictObject({ batchItemFailures: z.array(z.strictObject({ itemIdentifier: z.string() })) });
  const calledBy = (mapping: string) => {
    const arn = stack.one("mapping", mapping).inputs["functionName"];
    const [found] = stack.all("function").filter((fn) => arnOf(fn) === arn);
    return bundleOf(stack, found?.name.replace(/Function$/, "") ?? "");
  };

  test.each([...QUEUES.map(([name]) => name), "observe", "compare"])(
    "%s: answers with batchItemFailures",
    async (name) => {
      const result = await calledBy(name).invoke({ Records: [] });
      expect(Response.parse(result)).toEqual({ batchItemFailures: [] });
    },
  );

  test.each(["ingest-dns", "mirror", "settle", "approvals", "delegate-dead-letters-0"])(
    "%s: reports the record that it could not handle",
    async (name) => {
      const record = {
        messageId: "4f8f3d0c-0000-4000-8000-000000000001",
        receiptHandle: "none",
        body: "not JSON",
        attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1763700000000" },
        messageAttributes: {},
        eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:nobody-knows",
        awsRegion: "eu-west-1",
        eventSource: "aws:sqs",
        md5OfBody: "",
      };
      const result = await calledBy(name).invoke({ Records: [record] });
      expect(Response.parse(result)).toEqual({ batchItemFailures: [{ itemIdentifier: record.messageId }] });
    },
  );
});
