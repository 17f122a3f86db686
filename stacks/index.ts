import { type Contract, type DeploymentConfig, FUNCTIONS, type PlacedSource } from "@crossfade/bridge/deployment";
import { alarms } from "./alarms.ts";
import { bridge, type MappingIds } from "./bridge.ts";
import { dashboard } from "./dashboard.ts";
import { sharedVariables } from "./environment.ts";
import type { Building } from "./function.ts";
import { functions } from "./functions.ts";
import { refuseNames, refuseQueues } from "./limits.ts";
import { machines } from "./machines.ts";
import { deadLettersOf, type Plan, planOf } from "./plan.ts";
import { queues } from "./queues.ts";
import { sources } from "./sources.ts";
import { storage } from "./storage.ts";
import { websiteOf } from "./website.ts";
import { workerPolicies } from "./workers.ts";

/** What the operator's command must know of the deployment: the schema Deployed of packages/bridge. */
function deployed(plan: Plan, mappingIds: MappingIds) {
  const { config, place } = plan;
  const ofSource = ([name, { intake, forward }]: readonly [string, PlacedSource]) =>
    [name, { config: config.sources[name], intake, mappingId: mappingIds[name], forward }] as const;
  return {
    name: place.prefix,
    accountId: place.accountId,
    region: place.region,
    sources: Object.fromEntries([...plan.sources].map(ofSource)),
    ingestFunction: place.name("ingest"),
    ingestTimeoutSeconds: FUNCTIONS.ingest.timeoutSeconds,
    deadLetters: deadLettersOf(plan),
    environment: sharedVariables(plan),
  };
}

/**
 * Puts the bridge of one migration beside one legacy system. @returns the outputs of the deployment; `crossfade` is read
 * by the operator's command.
 */
export function deploy(contract: Contract, config: DeploymentConfig, stage: string, building: Building = {}) {
  const plan = planOf(contract, config, stage);
  refuseNames(plan);
  refuseQueues(plan);
  const intakes = sources(plan);
  const ledger = storage(plan);
  machines(plan);
  const website = websiteOf(plan);
  const deployedFunctions = functions(plan, building, website);
  const mappingIds = bridge(plan, { intakes, ledger, queues: queues(plan) }, deployedFunctions);
  website?.answerBy(deployedFunctions("api"));
  const alarmTopic = alarms(plan);
  dashboard(plan);
  return {
    crossfade: deployed(plan, mappingIds),
    workerPolicies: workerPolicies(plan),
    alarmTopic: alarmTopic.arn,
    ...(website && { dashboard: website.origin, api: website.apiUrl }),
  };
}
