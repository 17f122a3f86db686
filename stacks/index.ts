import {
  type Contract,
  type DeploymentConfig,
  delegateQueueName,
  FUNCTIONS,
  hasForwardQueue,
} from "@crossfade/bridge/deployment";
import { bridge, type MappingIds } from "./bridge.ts";
import { sharedVariables } from "./environment.ts";
import type { Building } from "./function.ts";
import { functions } from "./functions.ts";
import { machines } from "./machines.ts";
import { deadLetterName, forwardQueueName, intakeQueueName, type Plan, planOf } from "./plan.ts";
import { queues } from "./queues.ts";
import { sources } from "./sources.ts";
import { storage } from "./storage.ts";
import { workerPolicies } from "./workers.ts";

/** What holds messages that nobody could handle, by what they are. */
export function deadLetterQueues({ config, delegates }: Plan): Readonly<Record<string, string>> {
  const ofSources = Object.entries(config.sources).map(([name, source]) =>
    hasForwardQueue(source) ? forwardQueueName(name, source) : intakeQueueName(name),
  );
  const ofDelegates = [...delegates.keys()].map((route) => `${delegateQueueName(route)}.fifo`);
  const own = ["mirror", "settle", "approvals", ...ofSources, ...ofDelegates];
  return {
    quarantine: "quarantine",
    events: "events-dlq",
    ...Object.fromEntries(own.map((name) => [name.replace(/\.fifo$/, ""), deadLetterName(name)])),
  };
}

/** What the operator's command must know of the deployment: the schema Deployed of packages/bridge. */
function deployed(plan: Plan, mappingIds: MappingIds) {
  const { config, place } = plan;
  const ofSource = ([name, { intake, forward }]: readonly [
    string,
    Plan["sources"] extends ReadonlyMap<string, infer S> ? S : never,
  ]) => [name, { config: config.sources[name], intake, mappingId: mappingIds[name], forward }] as const;
  return {
    name: place.prefix,
    accountId: place.accountId,
    region: place.region,
    sources: Object.fromEntries([...plan.sources].map(ofSource)),
    ingestFunction: place.name("ingest"),
    ingestTimeoutSeconds: FUNCTIONS.ingest.timeoutSeconds,
    deadLetters: Object.fromEntries(
      Object.entries(deadLetterQueues(plan)).map(([what, name]) => [what, place.queue(name)]),
    ),
    environment: sharedVariables(plan),
  };
}

/**
 * Puts the bridge of one migration beside one legacy system. @returns the outputs of the deployment; `crossfade` is read
 * by the operator's command.
 */
export function deploy(contract: Contract, config: DeploymentConfig, stage: string, building: Building = {}) {
  const plan = planOf(contract, config, stage);
  const intakes = sources(plan);
  storage(plan);
  machines(plan);
  const mappingIds = bridge(plan, intakes, queues(plan), functions(plan, building));
  return { crossfade: deployed(plan, mappingIds), workerPolicies: workerPolicies(plan) };
}
