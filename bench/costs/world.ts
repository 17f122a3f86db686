import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { CohortKey, type Integration, initialRollout } from "@crossfade/bridge";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DeploymentConfig, type FunctionName, sourceVariable } from "@crossfade/bridge/deployment";
import { contract, type WebcatActivity, webcat } from "@crossfade/legacy";
import { createLegacyResources, type LegacyResources, referenceDeployment } from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import { type Bridge, deployBridge } from "@crossfade/local/bridge";
import { alarmsOf } from "../../stacks/alarm-list.ts";
import { planOf } from "../../stacks/plan.ts";
import { ON_ORDER } from "../../test/integration/support/messages.ts";
import { type SourcesBeside, sourcesBeside } from "./beside.ts";
import { countFunction } from "./counted-functions.ts";
import { startProxies } from "./proxy.ts";
import { Tally } from "./tally.ts";

/** The bridge beside its legacy system, with every call of its functions counted; it stands still unless it is moved. */
export interface CountedWorld {
  readonly cloud: Cloud;
  readonly legacy: LegacyResources;
  readonly bridge: Bridge<WebcatActivity>;
  readonly tally: Tally;
  /** These go to the embedded cloud directly, and are not counted. */
  readonly documents: Documents;
  readonly dynamodb: DynamoDBClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly sfn: SFNClient;
  readonly beside: SourcesBeside;
  /** Environment of a counted worker. */
  workerEnv(name: string): Readonly<Record<string, string>>;
  /** Queues that Lambda polls. */
  readonly polledQueues: number;
  /** Of each alarm that the stacks would deploy, how many metrics it looks at. */
  readonly alarms: readonly number[];
  /** From now on the legacy service does DNS updates for the order path, or a worker does. */
  integrate(integration: Integration): Promise<void>;
  close(): Promise<void>;
}

const COUNTED: readonly FunctionName[] = [
  "ingest",
  "mirror",
  "observe",
  "finish-order",
  "delegate",
  "reconcile",
  "compare",
  "guard",
];

/** Milliseconds: longer than the count takes. */
const NEVER = 24 * 3_600_000;

/** A cloud on which nothing is read or scheduled by itself. */
function standingStill(cloud: Cloud, onQueue: () => void): Cloud {
  return {
    ...cloud,
    mapQueue(options) {
      onQueue();
      return cloud.mapQueue({ ...options, enabled: false });
    },
    mapStream: (options) => cloud.mapStream({ ...options, enabled: false }),
    schedule: (options) => ({ options, stop: async () => undefined }),
  };
}

export async function startCountedWorld(): Promise<CountedWorld> {
  const cloud = await startCloud();
  Object.assign(process.env, cloud.env);
  const tally = new Tally();
  const proxies = await startProxies(cloud.endpoints, {
    onCall: (call) => tally.called(call),
    onBroken: (error) => tally.broken(error),
  });
  const dynamodb = new DynamoDBClient({});
  const sns = new SNSClient({});
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const sfn = new SFNClient({});
  const client = documents();
  const legacy = await createLegacyResources({ dynamodb, sns, sqs });
  const place = { region: cloud.region, accountId: cloud.accountId, registryUrl: "http://127.0.0.1:9" };
  let polledQueues = 0;
  const config = referenceDeployment(legacy, place);
  const bridge = await deployBridge(
    standingStill(cloud, () => polledQueues++),
    { contract, config },
    { rolloutMaxAgeMs: NEVER, rowGraceMs: NEVER },
  );

  const beside = await sourcesBeside({ cloud, sns, sqs });
  const SOURCES = JSON.stringify([...bridge.sources.values(), ...beside.placed].map(sourceVariable));
  const environment = { ...bridge.env, ...proxies.env, SOURCES };
  const counted = { functions: cloud.functions, environment, onInvoked: tally.invoked.bind(tally) };
  for (const name of COUNTED) countFunction(name, counted);

  const rollouts = new DynamoDbRollouts(client, bridge.ledgerTable);
  return {
    ...{ cloud, legacy, bridge, tally, documents: client, dynamodb, sns, sqs, sfn, beside },
    polledQueues,
    alarms: alarmsOf(planOf(contract, DeploymentConfig.parse(config), "costs")).map(({ metrics }) => metrics.length),
    workerEnv: (name) => ({ ...bridge.env, ...proxies.env, AWS_SDK_UA_APP_ID: name, TIDY_EVERY_MS: String(NEVER) }),
    async integrate(integration) {
      for (const route of webcat.routes.keys()) {
        const { version } = await rollouts.read(route);
        const include = [CohortKey.parse(ON_ORDER)];
        const rollout = {
          ...initialRollout(route),
          stage: "split" as const,
          include,
          integration,
          version: version + 1,
        };
        await rollouts.write(rollout, { by: "count", reason: "count", at: Date.now() });
      }
      // A new instance: the one that runs would go by the rollouts that it knows.
      countFunction("ingest", counted);
    },
    async close() {
      await proxies.close();
      await cloud.close();
      for (const each of [dynamodb, sns, sqs, sfn, client]) each.destroy();
    },
  };
}
