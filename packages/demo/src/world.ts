import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { contract, dnsClient, registryClient, type WebcatActivity } from "@crossfade/legacy";
import {
  createDnsWorker,
  createLegacyResources,
  createPublisher,
  createRegistryWorker,
  type LegacyResources,
  type Publisher,
  referenceDeployment,
  type SimulatedRegistry,
  type SimulatedService,
  startSimulatedDns,
  startSimulatedRegistry,
  type Worker,
} from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import { type Bridge, deployBridge } from "@crossfade/local/bridge";
import { type Charges, chargesAtStripe, chargesInTable } from "./charges.ts";
import type { DemoOptions } from "./options.ts";
import { WorkerProcess } from "./services.ts";
import { UnreliableEvents } from "./unreliable-events.ts";

/** Everything that runs in the demonstration. */
export interface World {
  readonly cloud: Cloud;
  readonly legacy: LegacyResources;
  readonly bridge: Bridge<WebcatActivity>;
  readonly publisher: Publisher;
  readonly charges: Charges;
  readonly documents: Documents;
  readonly sqs: SQSClient;
  readonly sfn: SFNClient;
  readonly registry: SimulatedRegistry;
  readonly dns: SimulatedService;
  readonly registryWorker: WorkerProcess;
  /** Status events that never arrived, and that arrived twice. */
  readonly events: UnreliableEvents;
  close(): Promise<void>;
}

/** Milliseconds after which a worker stops waiting for a service's answer; stalls are longer. */
const SERVICE_TIMEOUT = 1_500;
const STALL = 2_500;
/** Seconds for which an order waits for approval while the traffic runs. */
const APPROVAL_WAIT = 12;

/** The logs and metrics of the functions would drown the progress; --verbose shows them. */
function quiet(verbose: boolean): void {
  process.env["POWERTOOLS_METRICS_DISABLED"] = "true";
  process.env["POWERTOOLS_LOG_LEVEL"] = verbose ? "INFO" : "SILENT";
  process.env["AWS_LAMBDA_LOG_LEVEL"] = "";
}

export async function buildWorld({ seed, verbose, payments: provider }: DemoOptions): Promise<World> {
  quiet(verbose);
  const events = new UnreliableEvents(seed);
  const cloud = await startCloud({ onDeliver: events.onDeliver });
  Object.assign(process.env, cloud.env);
  const clients = {
    dynamodb: new DynamoDBClient({}),
    sns: new SNSClient({}),
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    sfn: new SFNClient({}),
    documents: documents(),
  };
  const { sqs } = clients;
  const misbehaviour = { seed, stallMs: STALL };
  const [registry, dns, legacy] = await Promise.all([
    startSimulatedRegistry(misbehaviour),
    startSimulatedDns(misbehaviour),
    createLegacyResources(clients),
  ]);
  const clock = { now: () => Date.now() };
  const charges =
    provider === "stripe" ? await chargesAtStripe() : chargesInTable(clients.documents, legacy.paymentsTable);
  const { payments } = charges;
  const work = { documents: clients.documents, trackingTable: legacy.trackingTable, payments, clock, sqs };
  const poll = { waitSeconds: 1, onError: verbose ? (error: unknown) => console.error(error) : () => {} };

  const place = { region: cloud.region, accountId: cloud.accountId, registryUrl: registry.url, payments: provider };
  const config = referenceDeployment(legacy, place);
  const bridge = await deployBridge(
    cloud,
    { contract, config, stripe: charges.stripe },
    {
      ...{ approvalWaitSeconds: APPROVAL_WAIT, windowSeconds: 0, countWindowSeconds: 1 },
      ...{ reconcileEveryMs: 2_000, guardEveryMs: 2_000 },
    },
  );
  const forwardUrl = (name: string) => bridge.forwards.get(name) ?? "";
  const address = (service: SimulatedService) => ({ url: service.url, timeoutMs: SERVICE_TIMEOUT });
  const delegated = [...bridge.delegates.values()].map((queue) => queue.url);
  const oldWorkers: Worker[] = [
    createRegistryWorker(
      { ...work, registry: registryClient(address(registry)) },
      { ...poll, queueUrls: [forwardUrl("registrations"), forwardUrl("refreshes")] },
    ),
    createDnsWorker(
      { ...work, dns: dnsClient(address(dns)) },
      { ...poll, queueUrls: [forwardUrl("dns"), ...delegated] },
    ),
  ];
  const worker = (activity: WebcatActivity, service: SimulatedService) =>
    new WorkerProcess(
      activity,
      {
        ...bridge.env,
        ACTIVITY_ARN: bridge.activityArns[activity],
        SERVICE_URL: service.url,
        SERVICE_TIMEOUT_MS: String(SERVICE_TIMEOUT),
        WORKER_NAME: `${activity}-worker`,
      },
      verbose,
    );
  const newWorkers = {
    registry: worker("registry", registry),
    dns: worker("dns", dns),
  };
  for (const started of oldWorkers) await started.start();
  newWorkers.registry.start();
  newWorkers.dns.start();
  await bridge.attach();

  return {
    cloud,
    legacy,
    bridge,
    publisher: createPublisher({ ...clients, payments: charges.onPublish, clock, resources: legacy }, { seed }),
    charges,
    documents: clients.documents,
    sqs,
    sfn: clients.sfn,
    registry,
    dns,
    registryWorker: newWorkers.registry,
    events,
    async close() {
      await bridge.detach();
      await Promise.all([newWorkers.registry.stop(), newWorkers.dns.stop(), ...oldWorkers.map((old) => old.stop())]);
      await cloud.close();
      await Promise.all([registry.stop(), dns.stop(), charges.close()]);
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
