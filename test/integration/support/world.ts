import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { CohortKey, type IngestDeps, initialRollout, type Rollout, type SqsRecord } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { composeIngest } from "@crossfade/functions/compose";
import { contract, type WebcatActivity, webcat } from "@crossfade/legacy";
import { createLegacyResources, type LegacyResources, referenceDeployment } from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import { type Bridge, type BridgeOptions, deployBridge } from "@crossfade/local/bridge";
import * as z from "zod";
import { ON_ORDER } from "./messages.ts";

/** A legacy system with the bridge beside it, on an embedded cloud of its own; nobody works yet. */
export interface World {
  readonly cloud: Cloud;
  readonly legacy: LegacyResources;
  readonly bridge: Bridge<WebcatActivity>;
  readonly documents: Documents;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly sfn: SFNClient;
  readonly claims: DynamoDbClaims;
  readonly tracking: DynamoDbTracking;
  readonly payments: DynamoDbPayments;
  /** URL of the queue from which the legacy consumer of that legacy queue now reads. */
  forwardUrl(name: QueueName): string;
  /** Runs the ingest Lambda on a batch; the ids of the records that it reports as failed, or why it failed as a whole. */
  ingest(records: readonly SqsRecord[]): Promise<readonly string[]>;
  /** What the ingest Lambda is composed of, to be wrapped. */
  ingestDeps(): Promise<IngestDeps>;
  /** Changes every route's rollout, from the one the world begins with: ON_ORDER included, everybody else on legacy. */
  setRollouts(given: Partial<Rollout>): Promise<void>;
  /** How many Order executions have that name. */
  executionsNamed(name: string | undefined): Promise<number>;
  close(): Promise<void>;
}

export type QueueName = "registrations" | "refreshes" | "dns";

const BatchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** What the functions log and measure would drown the tests' own output. */
function quiet(): void {
  process.env["POWERTOOLS_METRICS_DISABLED"] = "true";
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
  process.env["AWS_LAMBDA_LOG_LEVEL"] = "";
}

/** One world per test file: the functions read their environment when they are first imported. */
export interface WorldOptions extends BridgeOptions {
  readonly registryUrl?: string;
  /** Of the legacy queues, in seconds. */
  readonly sourceVisibilitySeconds?: number;
}

export async function startWorld(given: WorldOptions = {}): Promise<World> {
  // Nobody listens there, unless a test says who does.
  const { registryUrl = "http://127.0.0.1:9", sourceVisibilitySeconds: visibilitySeconds, ...options } = given;
  quiet();
  const cloud = await startCloud();
  Object.assign(process.env, cloud.env);
  const dynamodb = new DynamoDBClient({});
  const sns = new SNSClient({});
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const sfn = new SFNClient({});
  const client = documents();
  const legacy = await createLegacyResources({ dynamodb, sns, sqs }, visibilitySeconds);
  const { trackingTable, paymentsTable } = legacy;
  const config = referenceDeployment(legacy, {
    region: cloud.region,
    accountId: cloud.accountId,
    registryUrl,
    visibilitySeconds,
  });
  const quick = { rolloutMaxAgeMs: 20, reconcileAfterMs: 3_600_000, windowSeconds: 0, reconcileEveryMs: 2_000 };
  const bridge = await deployBridge(cloud, { contract, config }, { ...quick, ...options });
  const rollouts = new DynamoDbRollouts(client, bridge.ledgerTable);

  const world: World = {
    ...{ cloud, legacy, bridge, documents: client, sqs, sns, sfn },
    claims: new DynamoDbClaims(client, bridge.ledgerTable),
    tracking: new DynamoDbTracking(client, trackingTable, webcat.tracking),
    payments: new DynamoDbPayments(client, paymentsTable),
    forwardUrl: (name) => z.string().parse(bridge.forwards.get(name)),
    async ingest(Records) {
      const result = await cloud.functions.invoke("crossfade-ingest", { Records });
      if (result.kind === "failed") throw new Error(`${result.errorType}: ${result.errorMessage}`);
      return BatchResponse.parse(result.payload).batchItemFailures.map((failure) => failure.itemIdentifier);
    },
    ingestDeps: () => composeIngest(() => undefined),
    async setRollouts(given) {
      for (const route of webcat.routes.keys()) {
        const { version } = await rollouts.read(route);
        // No plan has a twin unless a test says so: one in twenty would.
        const split = { ...initialRollout(route), stage: "split" as const, baseline: 0 };
        const start = { ...split, include: [CohortKey.parse(ON_ORDER)] };
        const audit = { by: "test", reason: "test", at: Date.now() };
        await rollouts.write({ ...start, ...given, version: version + 1 }, audit);
      }
    },
    async executionsNamed(name) {
      const list = new ListExecutionsCommand({ stateMachineArn: bridge.orderArn, maxResults: 1_000 });
      const { executions = [] } = await sfn.send(list);
      return executions.filter((execution) => execution.name === name).length;
    },
    async close() {
      await bridge.detach();
      await cloud.close();
      for (const each of [dynamodb, sns, sqs, sfn, client]) each.destroy();
    },
  };
  await world.setRollouts({});
  return world;
}
