import { spawn } from "node:child_process";
import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { CohortKey, initialRollout, RequestId, RouteType } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { FUNCTIONS } from "@crossfade/bridge/deployment";
import { startCloud } from "@crossfade/local";
import { deployBridge } from "@crossfade/local/bridge";
import * as z from "zod";
import { depth, drain } from "../../../test/integration/support/queues.ts";
import { contract } from "../contract/index.ts";
import deployments from "../crossfade.config.ts";
import { type CarrierTroubles, startCarrier } from "../reference/carrier.ts";
import { startDispatcher } from "../reference/dispatcher.ts";
import { createResources } from "../reference/resources.ts";
import { shop } from "../reference/shop.ts";
import { carrierClient } from "../worker/carrier-client.ts";
import { type Bundles, bundle } from "./bundles.ts";

// For tests only: the carrier's system with the bridge beside it, on an embedded cloud.

const WORKER = "examples/parcels/worker/carrier-worker";

/** What functions and worker log and measure would drown the tests' own output. */
const QUIET = { POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" };

/** A worker in a process of its own, from its bundle, as it runs in a container. */
function startWorker(file: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
  return {
    async stop() {
      const ended = child.exitCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Where the functions' bundles are. */
export type BundleOf = Bundles["of"];

const HANDLERS = Object.values(FUNCTIONS).map(({ handler }) => handler);

/**
 * Everything that the configuration of staging names, and the bridge from its real bundles: those that are given, or else
 * made here.
 */
export async function startWorld(troubles: CarrierTroubles, given?: BundleOf) {
  const bundles = await bundle(given === undefined ? [...HANDLERS, WORKER] : [WORKER]);
  const bundleOf = given ?? bundles.of;
  const cloud = await startCloud();
  Object.assign(process.env, cloud.env);
  const clients = {
    dynamodb: new DynamoDBClient({}),
    sns: new SNSClient({}),
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    documents: documents(),
  };
  const config = deployments("staging");
  const resources = await createResources(clients, config);
  const carrier = await startCarrier(troubles);
  const bridge = await deployBridge(
    cloud,
    { contract, config, bundleOf: (handler) => ({ ...bundleOf(handler), environment: QUIET }) },
    { windowSeconds: 0, reconcileEveryMs: 2_000, rolloutMaxAgeMs: 20 },
  );
  const forwardUrl = z.string().parse(bridge.forwards.get("jobs"));
  const dispatcher = startDispatcher(clients, resources, carrierClient(carrier.url, 5_000), forwardUrl);
  const place = { ACTIVITY_ARN: bridge.activityArns.carrier, SERVICE_URL: carrier.url };
  const worker = startWorker(bundles.of(WORKER).file, { ...bridge.env, ...QUIET, ...place });
  const read = async (TableName: string, Key: Readonly<Record<string, string>>) =>
    (await clients.documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  return {
    bridge,
    carrier,
    quarantined: () => drain(clients.sqs, bridge.quarantine.url),
    /** Messages that wait for ingest, or for the dispatcher. */
    waiting: async () => (await depth(clients.sqs, resources.queueUrl)) + (await depth(clients.sqs, forwardUrl)),
    shop: shop(clients.documents, clients.sns, resources),
    row: (ref: string) => read(resources.jobsTable, { ref }),
    charge: (authorisationId: string) => read(resources.chargesTable, { authorisationId }),
    claim: (route: string, ref: string) =>
      new DynamoDbClaims(clients.documents, bridge.ledgerTable).read({
        route: RouteType.parse(route),
        requestId: RequestId.parse(ref),
      }),
    /** Those merchants go to the order path, and everybody else stays; or everybody does, and is planned. */
    async move(merchants: readonly string[], stage: "split" | "shadow" = "split"): Promise<void> {
      const rollouts = new DynamoDbRollouts(clients.documents, bridge.ledgerTable);
      const include = merchants.map((merchant) => CohortKey.parse(merchant));
      for (const route of contract.migration.routes.keys()) {
        const { version } = await rollouts.read(route);
        const rollout = { ...initialRollout(route), stage, include, version: version + 1 };
        await rollouts.write(rollout, { by: "test", reason: "test", at: Date.now() });
      }
    },
    async close(): Promise<void> {
      await bridge.detach();
      await Promise.all([worker.stop(), dispatcher.stop()]);
      await cloud.close();
      await Promise.all([carrier.stop(), bundles.remove()]);
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;
