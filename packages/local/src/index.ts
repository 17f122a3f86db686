import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientOptions, DUMMY_CREDENTIALS } from "./clients.ts";
import { ACCOUNT_ID, type CloudEvent, DEFAULT_REGION, type FunctionRegistry, type RunningServer } from "./contract.ts";
import { startDynamoDb } from "./dynamodb.ts";
import { startEventBridge } from "./events/server.ts";
import { createFunctionHost } from "./functions.ts";
import { AsyncInvocations, type AsyncOptions } from "./lambda/async-invocations.ts";
import { startLambda } from "./lambda/server.ts";
import { type CloudMappings, cloudMappings } from "./mappings/cloud-mappings.ts";
import { MappingRegistry } from "./mappings/registry.ts";
import type { Mapping } from "./mappings/sqs.ts";
import { startMessaging } from "./messaging.ts";
import { type ScheduleOptions, startSchedule } from "./schedule.ts";
import { startStepFunctions } from "./sfn/server.ts";

export type { FunctionBundle, FunctionDescription, FunctionRegistry, Handler, InvocationResult } from "./contract.ts";
export { startDynamoDb } from "./dynamodb.ts";
export type { AsyncOptions, DroppedEvent } from "./lambda/async-invocations.ts";
export type { CloudMappings, Identified, Switchable } from "./mappings/cloud-mappings.ts";
export type { Mapping, QueueMappingOptions } from "./mappings/sqs.ts";
export type { StreamMapping, StreamMappingOptions } from "./mappings/stream.ts";

export interface CloudOptions {
  readonly region?: string;
  /** First of five ports; any free ones unless given. */
  readonly portBase?: number;
  /** Loses or repeats events on their way to a target, for tests. */
  readonly onDeliver?: (event: CloudEvent, targetArn: string) => "deliver" | "drop" | "twice";
  /** How functions that are invoked asynchronously are tried again. */
  readonly asyncInvocations?: AsyncOptions;
  /** The least time, in milliseconds, that a mapping is Creating, Updating and so on; default 0. On AWS, up to a minute. */
  readonly mappingTransitionMs?: number;
}

/** The embedded cloud: real servers on 127.0.0.1, and the triggers that invoke functions in this process. */
export interface Cloud extends CloudMappings {
  readonly region: string;
  readonly accountId: string;
  readonly functions: FunctionRegistry;
  readonly endpoints: Readonly<Record<"sqs" | "sns" | "s3" | "dynamodb" | "sfn" | "events" | "lambda" | "sts", string>>;
  /** What an AWS SDK needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Invokes a function on a schedule. */
  schedule(options: ScheduleOptions): Mapping<ScheduleOptions>;
  /** Resolves when no event is on its way to a target. */
  eventsSettled(): Promise<void>;
  /** Resolves when no function runs that was invoked asynchronously, and none waits for a retry. */
  invocationsSettled(): Promise<void>;
  /** Ends the mappings, then the servers. Safe to call more than once. */
  close(): Promise<void>;
}

/** Every poller of every queue mapping holds a connection; the SDK's own limit of 50 would let them starve each other. */
const SQS_CONNECTIONS = 1000;

/** Starts everything, in about a second. What had started is closed again when a later part cannot. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const servers: RunningServer[] = [];
  try {
    return await start(options, servers);
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
}

async function start(options: CloudOptions, servers: RunningServer[]): Promise<Cloud> {
  const region = options.region ?? DEFAULT_REGION;
  const port = (offset: number) => (options.portBase === undefined ? 0 : options.portBase + offset);
  async function started<Server extends RunningServer>(starting: Promise<Server>): Promise<Server> {
    const server = await starting;
    servers.push(server);
    return server;
  }

  const functions = createFunctionHost(region);
  const invocations = new AsyncInvocations(functions, options.asyncInvocations);
  const { endpoint: messaging } = await started(
    startMessaging({ region, port: port(0), deliver: (name, event) => invocations.accept(name, event) }),
  );
  const dynamodb = await started(startDynamoDb(port(1) || undefined));
  const events = await started(
    startEventBridge({
      region,
      port: port(2),
      sqsEndpoint: messaging,
      ...(options.onDeliver && { onDeliver: options.onDeliver }),
    }),
  );
  const sfn = await started(
    startStepFunctions({
      region,
      port: port(3),
      functions,
      events,
      endpoints: { sqs: messaging, sns: messaging, dynamodb: dynamodb.endpoint },
    }),
  );
  const sqsClient = new SQSClient({
    ...clientOptions(messaging, region),
    requestHandler: { httpAgent: { maxSockets: SQS_CONNECTIONS } },
  });
  const streams = new DynamoDBStreamsClient(clientOptions(dynamodb.endpoint, region));
  const mappings = new MappingRegistry({
    ...{ sqs: sqsClient, streams, functions },
    transitionMs: options.mappingTransitionMs ?? 0,
  });
  const lambda = await started(
    startLambda({ region, functions, events: invocations, mappings, sqs: sqsClient, streams }, port(4)),
  );
  const schedules = new Set<Mapping>();
  let closed: Promise<void> | undefined;
  return {
    region,
    accountId: ACCOUNT_ID,
    functions,
    endpoints: {
      sqs: messaging,
      sns: messaging,
      s3: messaging,
      dynamodb: dynamodb.endpoint,
      sfn: sfn.endpoint,
      events: events.endpoint,
      lambda: lambda.endpoint,
      sts: messaging,
    },
    env: {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_SQS: messaging,
      AWS_ENDPOINT_URL_SNS: messaging,
      AWS_ENDPOINT_URL_S3: messaging,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: dynamodb.endpoint,
      AWS_ENDPOINT_URL_SFN: sfn.endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: events.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      AWS_ENDPOINT_URL_STS: messaging,
    },
    ...cloudMappings(mappings),
    schedule(given) {
      const started = startSchedule(functions, given);
      schedules.add(started);
      return started;
    },
    eventsSettled: () => events.settled(),
    invocationsSettled: () => invocations.settled(),
    close() {
      closed ??= (async () => {
        // First what takes requests, so that nothing new begins while the rest ends.
        await lambda.close();
        await Promise.all([...schedules].map((schedule) => schedule.stop()));
        await mappings.close();
        await invocations.close();
        await functions.close();
        sqsClient.destroy();
        streams.destroy();
        await closeAll(servers.filter((server) => server !== lambda));
      })();
      return closed;
    },
  };
}

/** The last to start ends first, so that none loses what it needs. */
async function closeAll(servers: readonly RunningServer[]): Promise<void> {
  for (const server of servers.toReversed()) await server.close();
}
