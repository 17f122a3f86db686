import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { LambdaClient, paginateListEventSourceMappings } from "@aws-sdk/client-lambda";
import {
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  ListStateMachinesCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { DeploymentConfig } from "@crossfade/bridge/deployment";
import { contract } from "@crossfade/legacy";
import { createLegacyResources, type LegacyResources } from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import { deployBridge } from "@crossfade/local/bridge";
import * as z from "zod";
import { byName, type Graph, type Normaliser, normaliser, RedrivePolicy } from "./graph.ts";

/** The bridge's own names there, and its machines', which a legacy name begins like. */
const PREFIXES = [
  { text: "crossfade", after: /\b/ },
  { text: "webcat", after: /(?:stateMachine|execution|activity):|^/ },
];

/** What is registered and scheduled: the cloud does not list it. */
function watched(cloud: Cloud) {
  const functions: [name: string, timeoutSeconds: number][] = [];
  const schedules: [name: string, everySeconds: number][] = [];
  const watching: Cloud = {
    ...cloud,
    functions: {
      ...cloud.functions,
      register(name, handler, options) {
        functions.push([name, options?.timeoutSeconds ?? Number.NaN]);
        return cloud.functions.register(name, handler, options);
      },
    },
    schedule(options) {
      schedules.push([options.functionName, options.everyMs / 1_000]);
      return cloud.schedule(options);
    },
  };
  return { watching, functions, schedules };
}

/** The configuration of a stage, with its queues where the embedded cloud has them. */
function configuredFor(config: DeploymentConfig, legacy: LegacyResources): DeploymentConfig {
  const urls: ReadonlyMap<string, string> = new Map(
    [legacy.registrations, legacy.refreshes, legacy.dns].map(({ queueArn, queueUrl }) => [queueArn, queueUrl]),
  );
  const sources = Object.entries(config.sources).map(([name, source]) =>
    "queueArn" in source
      ? [name, { ...source, queueUrl: urls.get(source.queueArn) ?? source.queueUrl }]
      : [name, source],
  );
  return { ...config, sources: Object.fromEntries(sources) };
}

const Attributes = z.object({
  FifoQueue: z.literal("true").optional(),
  MessageRetentionPeriod: z.coerce.number(),
  VisibilityTimeout: z.coerce.number(),
  RedrivePolicy: RedrivePolicy.optional(),
});

async function queues(sqs: SQSClient, { name }: Normaliser): Promise<Graph["queues"]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "crossfade-" }));
  const found = QueueUrls.map(async (QueueUrl) => {
    const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const { FifoQueue, MessageRetentionPeriod, VisibilityTimeout, ...given } = Attributes.parse(answer.Attributes);
    const queue = {
      fifo: FifoQueue === "true",
      retentionSeconds: MessageRetentionPeriod,
      visibilitySeconds: VisibilityTimeout,
      deadLetters: given.RedrivePolicy && name(given.RedrivePolicy.deadLetterTargetArn),
      maxReceives: given.RedrivePolicy?.maxReceiveCount,
    };
    return [name(QueueUrl).replace("queue:", ""), queue] as const;
  });
  return byName(await Promise.all(found));
}

async function mappings({ name }: Normaliser): Promise<Graph["mappings"]> {
  const client = new LambdaClient({});
  const found: [string, unknown][] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, {})) {
    for (const mapping of EventSourceMappings) {
      const isQueue = mapping.EventSourceArn?.includes(":sqs:");
      const settings = {
        enabled: mapping.State === "Enabled",
        batchSize: mapping.BatchSize,
        maximumBatchingWindowInSeconds: mapping.MaximumBatchingWindowInSeconds,
        functionResponseTypes: mapping.FunctionResponseTypes,
        ...(isQueue
          ? { scalingConfig: { maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency } }
          : {
              parallelizationFactor: mapping.ParallelizationFactor,
              startingPosition: mapping.StartingPosition,
              bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
            }),
        ...(mapping.FilterCriteria && {
          filterCriteria: {
            filters: mapping.FilterCriteria.Filters?.map(({ Pattern = "null" }) => ({ pattern: JSON.parse(Pattern) })),
          },
        }),
      };
      found.push([`${name(mapping.EventSourceArn ?? "")} -> ${name(mapping.FunctionArn ?? "")}`, settings]);
    }
  }
  client.destroy();
  return byName(found);
}

async function rules({ name, data }: Normaliser): Promise<Graph["rules"]> {
  const client = new EventBridgeClient({});
  const { Rules = [] } = await client.send(new ListRulesCommand({}));
  const found = Rules.map(async ({ Name = "", EventPattern = "null" }) => {
    const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: Name }));
    const rule = { pattern: data(JSON.parse(EventPattern)), targets: Targets.map(({ Arn = "" }) => name(Arn)) };
    return [name(Name), rule] as const;
  });
  const all = byName(await Promise.all(found));
  client.destroy();
  return all;
}

async function machines(sfn: SFNClient, { name, data }: Normaliser): Promise<Graph["machines"]> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const found = stateMachines.map(async ({ name: given = "", stateMachineArn }) => {
    const { definition = "null", type } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return [name(given), { type, definition: data(JSON.parse(definition)) }] as const;
  });
  return byName(await Promise.all(found));
}

/** What the embedded cloud wires for that configuration, as its own APIs tell it. */
export async function graphOfLocal(config: DeploymentConfig): Promise<Graph> {
  const cloud = await startCloud();
  Object.assign(process.env, cloud.env);
  const clients = { dynamodb: new DynamoDBClient({}), sns: new SNSClient({}), sqs: new SQSClient({}) };
  const sfn = new SFNClient({});
  const local = normaliser(PREFIXES);
  const { watching, functions, schedules } = watched(cloud);
  try {
    const legacy = await createLegacyResources(clients);
    const bridge = await deployBridge(watching, { contract, config: configuredFor(config, legacy) });
    const { activities = [] } = await sfn.send(new ListActivitiesCommand({}));
    return {
      functions: byName(functions.map(([name, timeoutSeconds]) => [local.name(name), timeoutSeconds])),
      queues: await queues(clients.sqs, local),
      mappings: await mappings(local),
      rules: await rules(local),
      machines: await machines(sfn, local),
      activities: activities.map(({ name = "" }) => local.name(name)).sort(),
      schedules: byName(schedules.map(([name, every]) => [`${local.name(name)}`, every])),
      sources: local.data(JSON.parse(bridge.env["SOURCES"] ?? "null")),
      delegates: local.data(JSON.parse(bridge.env["DELEGATES"] ?? "null")),
      deadLetters: local.data(bridge.deployed.deadLetters),
    };
  } finally {
    await cloud.close();
    for (const client of [...Object.values(clients), sfn]) client.destroy();
  }
}
