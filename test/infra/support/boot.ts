import { join } from "node:path";
import {
  CreateTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type ScalarAttributeType,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateEventSourceMappingCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateActivityCommand, CreateStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "@crossfade/local";
import * as z from "zod";
import type { Stack } from "./stack.ts";

/** Where a stack is booted: the cloud, what the legacy system is called there, and what finds the cloud. */
export interface Ground {
  readonly cloud: Cloud;
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly sfn: SFNClient;
  /** The embedded cloud names streams in its own way. */
  readonly trackingStreamArn: string;
  /** Variables of a function that finds AWS, or what stands in its place; more than Lambda gives it. */
  variablesFor(functionName: string): Readonly<Record<string, string>>;
}

const Queue = z.object({
  name: z.string(),
  fifoQueue: z.boolean().default(false),
  messageRetentionSeconds: z.number(),
  visibilityTimeoutSeconds: z.number().optional(),
  redrivePolicy: z.string().optional(),
});

/** Dead-letter queues first: the others name them. */
async function queues(stack: Stack, { sqs }: Ground): Promise<void> {
  const all = stack.all("queue").map(({ inputs }) => Queue.parse(inputs));
  for (const queue of all.toSorted((a, b) => Number("redrivePolicy" in a) - Number("redrivePolicy" in b))) {
    const Attributes = {
      MessageRetentionPeriod: String(queue.messageRetentionSeconds),
      ...(queue.fifoQueue && { FifoQueue: "true" }),
      ...(queue.visibilityTimeoutSeconds && { VisibilityTimeout: String(queue.visibilityTimeoutSeconds) }),
      ...(queue.redrivePolicy && { RedrivePolicy: queue.redrivePolicy }),
    };
    await sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes }));
  }
}

const AttributeType: z.ZodType<ScalarAttributeType> = z.enum(["S", "N", "B"]);
const Keys = z.object({ name: z.string(), hashKey: z.string(), rangeKey: z.string() });
const Table = Keys.extend({
  attributes: z.array(z.object({ name: z.string(), type: AttributeType })),
  globalSecondaryIndexes: z.array(Keys.extend({ projectionType: z.enum(["ALL", "KEYS_ONLY"]) })),
  streamEnabled: z.boolean(),
  streamViewType: z.enum(["NEW_AND_OLD_IMAGES"]),
});

const keySchema = ({ hashKey, rangeKey }: z.infer<typeof Keys>): KeySchemaElement[] => [
  { AttributeName: hashKey, KeyType: "HASH" },
  { AttributeName: rangeKey, KeyType: "RANGE" },
];

/** @returns the ARN of the ledger's stream. */
async function storage(stack: Stack, { dynamodb }: Ground): Promise<string> {
  const table = Table.parse(stack.one("table", "ledger").inputs);
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: table.name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      KeySchema: keySchema(table),
      GlobalSecondaryIndexes: table.globalSecondaryIndexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection: { ProjectionType: index.projectionType },
      })),
      StreamSpecification: { StreamEnabled: table.streamEnabled, StreamViewType: table.streamViewType },
    }),
  );
  const s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: String(stack.one("bucket", "payloads").inputs["bucket"]) }));
  s3.destroy();
  return z.string().parse(TableDescription?.LatestStreamArn);
}

const Machine = z.object({ name: z.string(), definition: z.string(), roleArn: z.string() });

async function machines(stack: Stack, { sfn }: Ground): Promise<void> {
  for (const { inputs } of stack.all("activity")) {
    await sfn.send(new CreateActivityCommand({ name: String(inputs["name"]) }));
  }
  for (const { inputs } of stack.all("machine")) await sfn.send(new CreateStateMachineCommand(Machine.parse(inputs)));
}

const Fn = z.object({
  name: z.string(),
  handler: z.string(),
  timeout: z.number(),
  environment: z.object({ variables: z.record(z.string(), z.string()) }),
});

function functions(stack: Stack, { cloud, variablesFor }: Ground): void {
  for (const resource of stack.all("function")) {
    const { name, handler, timeout, environment } = Fn.parse(resource.inputs);
    cloud.functions.registerBundle(name, {
      file: join(stack.synthesis.artifacts, `${resource.name.replace(/Function$/, "")}-src`, "bundle.mjs"),
      export: handler.replace("bundle.", ""),
      timeoutSeconds: timeout,
      environment: { ...environment.variables, ...variablesFor(name) },
    });
  }
}

const Rule = z.object({ name: z.string(), eventPattern: z.string() });
const Target = z.object({ rule: z.string(), targetId: z.string(), arn: z.string() });

async function rules(stack: Stack): Promise<void> {
  const events = new EventBridgeClient({});
  for (const { inputs } of stack.all("rule")) {
    const { name, eventPattern } = Rule.parse(inputs);
    await events.send(new PutRuleCommand({ Name: name, EventPattern: eventPattern }));
  }
  for (const { inputs } of stack.all("target")) {
    const { rule, targetId, arn } = Target.parse(inputs);
    await events.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: targetId, Arn: arn }] }));
  }
  events.destroy();
}

const Mapping = z.object({
  eventSourceArn: z.string(),
  functionName: z.string(),
  enabled: z.boolean().default(true),
  batchSize: z.number(),
  maximumBatchingWindowInSeconds: z.number(),
  functionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  scalingConfig: z.object({ maximumConcurrency: z.number() }).optional(),
  startingPosition: z.enum(["TRIM_HORIZON", "LATEST"]).optional(),
  parallelizationFactor: z.number().optional(),
  bisectBatchOnFunctionError: z.boolean().optional(),
  filterCriteria: z.object({ filters: z.array(z.object({ pattern: z.string() })) }).optional(),
});

/** @returns the UUID of each mapping, by its logical name. */
async function mappings(
  stack: Stack,
  { trackingStreamArn }: Ground,
  ledgerStreamArn: string,
): Promise<ReadonlyMap<string, string>> {
  const lambda = new LambdaClient({});
  const ids = new Map<string, string>();
  for (const { name, inputs } of stack.all("mapping")) {
    const { eventSourceArn, scalingConfig, filterCriteria, ...given } = Mapping.parse(inputs);
    const isStream = eventSourceArn.includes("/stream/");
    const streamArn = name === "compare" ? ledgerStreamArn : trackingStreamArn;
    const { UUID } = await lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: isStream ? streamArn : eventSourceArn,
        FunctionName: given.functionName,
        Enabled: given.enabled,
        BatchSize: given.batchSize,
        MaximumBatchingWindowInSeconds: given.maximumBatchingWindowInSeconds,
        FunctionResponseTypes: given.functionResponseTypes,
        StartingPosition: given.startingPosition,
        ParallelizationFactor: given.parallelizationFactor,
        BisectBatchOnFunctionError: given.bisectBatchOnFunctionError,
        ...(filterCriteria && {
          FilterCriteria: { Filters: filterCriteria.filters.map(({ pattern }) => ({ Pattern: pattern })) },
        }),
        ...(scalingConfig && { ScalingConfig: { MaximumConcurrency: scalingConfig.maximumConcurrency } }),
      }),
    );
    ids.set(name, z.string().parse(UUID));
  }
  lambda.destroy();
  return ids;
}

/** Creates on the embedded cloud what the stacks would create at AWS, from the same inputs, through the same APIs. */
export async function boot(stack: Stack, ground: Ground): Promise<ReadonlyMap<string, string>> {
  await queues(stack, ground);
  const ledgerStreamArn = await storage(stack, ground);
  await machines(stack, ground);
  functions(stack, ground);
  await rules(stack);
  return mappings(stack, ground, ledgerStreamArn);
}
