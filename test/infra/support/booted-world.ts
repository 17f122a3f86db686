import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { CohortKey, initialRollout } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { webcat } from "@crossfade/legacy";
import { createLegacyResources, type LegacyResources } from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import * as z from "zod";
import { ON_ORDER } from "../../integration/support/messages.ts";
import { boot } from "./boot.ts";
import { Permissions, startGateway } from "./gateway/gateway.ts";
import { policiesOf, type Statement } from "./policies.ts";
import { nameOf, type Stack } from "./stack.ts";

/** The stacks' own resources on the embedded cloud, with their policies in force, beside the legacy system. */
export interface BootedWorld {
  readonly stack: Stack;
  readonly cloud: Cloud;
  readonly legacy: LegacyResources;
  readonly permissions: Permissions;
  readonly documents: Documents;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly sfn: SFNClient;
  readonly claims: DynamoDbClaims;
  readonly tracking: DynamoDbTracking;
  readonly payments: DynamoDbPayments;
  /** Where a function finds the cloud, under its own name and so with its own policy. */
  variablesFor(functionName: string): Readonly<Record<string, string>>;
  /** Variables of an activity worker, which runs under the policies that are made for it. */
  readonly workerEnv: Readonly<Record<string, string>>;
  /** Whether status events get lost on their way. */
  readonly events: { lost: boolean };
  /** Switches ingest's mappings on. */
  attach(): Promise<void>;
  /** Invokes a function by its name without the prefix. */
  invoke(name: string, event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** By the name with which it signs: each function's own policy, and both workers' under one name. */
function statementsByCaller(stack: Stack): ReadonlyMap<string, readonly Statement[]> {
  const found = policiesOf(stack);
  const of = (where: string) => found.find((each) => each.where === where)?.statements ?? [];
  const functions = stack
    .all("function")
    .map((fn) => [nameOf(fn), of(`Role ${fn.name.replace(/Function$/, "Role")} inlinePolicies`)] as const);
  const workers = stack.all("policy").flatMap(({ name }) => of(`Policy ${name} policy`));
  return new Map([...functions, ["worker", workers] as const]);
}

/** @param registryUrl of the registry, where the configuration names one that is nowhere. */
export async function bootWorld(stack: Stack, registryUrl: string): Promise<BootedWorld> {
  const events = { lost: false };
  const cloud = await startCloud({ onDeliver: () => (events.lost ? "drop" : "deliver") });
  Object.assign(process.env, cloud.env, stack.deployed.environment, {
    TOKEN_KEY: Buffer.alloc(32, 7).toString("base64"),
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
  });
  const permissions = new Permissions(statementsByCaller(stack));
  const gateways = {
    messaging: await startGateway(permissions, cloud.endpoints.sqs),
    dynamodb: await startGateway(permissions, cloud.endpoints.dynamodb),
    sfn: await startGateway(permissions, cloud.endpoints.sfn),
    lambda: await startGateway(permissions, cloud.endpoints.lambda),
  };
  const signedBy = (caller: string) => ({
    ...cloud.env,
    AWS_ACCESS_KEY_ID: caller,
    AWS_ENDPOINT_URL_SQS: gateways.messaging.endpoint,
    AWS_ENDPOINT_URL_SNS: gateways.messaging.endpoint,
    AWS_ENDPOINT_URL_S3: gateways.messaging.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: gateways.dynamodb.endpoint,
    AWS_ENDPOINT_URL_SFN: gateways.sfn.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: gateways.lambda.endpoint,
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
  });
  const clients = {
    dynamodb: new DynamoDBClient({}),
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    sns: new SNSClient({}),
    sfn: new SFNClient({}),
    lambda: new LambdaClient({}),
    documents: documents(),
  };
  const legacy = await createLegacyResources(clients);
  const mappingIds = await boot(stack, {
    cloud,
    ...clients,
    trackingStreamArn: legacy.trackingStreamArn,
    variablesFor: (name) => ({
      ...signedBy(name),
      ...(name.endsWith("-check-availability") && { REGISTRY_URL: registryUrl }),
      // Ten seconds, and a quarter of an hour, are too long for a test.
      ...(name.endsWith("-ingest") && { ROLLOUT_MAX_AGE_MS: "50" }),
      ...(name.endsWith("-reconcile") && { RECONCILE_AFTER_MS: "1" }),
    }),
  });
  const ledger = z.string().parse(stack.deployed.environment["LEDGER_TABLE"]);
  const rollouts = new DynamoDbRollouts(clients.documents, ledger);
  for (const route of webcat.routes.keys()) {
    const include = [CohortKey.parse(ON_ORDER)];
    const integration = "delegate" as const;
    const rollout = { ...initialRollout(route), stage: "split" as const, include, integration, version: 1 };
    await rollouts.write(rollout, { by: "test", reason: "test", at: Date.now() });
  }
  return {
    ...{ stack, cloud, legacy, permissions, events },
    ...clients,
    claims: new DynamoDbClaims(clients.documents, ledger),
    tracking: new DynamoDbTracking(clients.documents, legacy.trackingTable, webcat.tracking),
    payments: new DynamoDbPayments(clients.documents, legacy.paymentsTable),
    variablesFor: signedBy,
    workerEnv: { ...stack.deployed.environment, ...signedBy("worker") },
    async attach() {
      for (const [name, UUID] of mappingIds) {
        if (!name.startsWith("ingest-")) continue;
        await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
      }
    },
    async invoke(name, event) {
      const result = await cloud.functions.invoke(`${stack.prefix}-${name}`, event);
      if (result.kind === "failed") throw new Error(`${name}: ${result.errorType}: ${result.errorMessage}`);
      return result.payload;
    },
    async close() {
      await cloud.close();
      for (const gateway of Object.values(gateways)) gateway.close();
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
