import { deployedSchedules, FUNCTIONS, hasForwardQueue } from "@crossfade/bridge/deployment";
import { deadLetterQueues, functionNames, type Plan } from "./plan.ts";

/** What AWS takes, in characters. The names of rules and schedules are among those of functions, or shorter. */
const LONGEST = { role: 64, queue: 80, activity: 80, bucket: 63 } as const;
type Named = keyof typeof LONGEST;

/** The names that may become too long. A function's role has its name; a dead-letter queue's is longer than its queue's. */
const namesOf = (plan: Plan): readonly (readonly [Named, string])[] => [
  ...functionNames(plan).map((name) => ["role", plan.place.name(name)] as const),
  ...["Order", ...plan.actions.keys()].map((name) => ["role", plan.place.name(`${name}-machine`)] as const),
  ...deployedSchedules(plan.config).map((name) => ["role", plan.place.name(`${name}-schedule`)] as const),
  ...Object.values(deadLetterQueues(plan)).map((name) => ["queue", plan.place.name(name)] as const),
  ...plan.contract.activities.map((name) => ["activity", plan.place.name(name)] as const),
  ["bucket", plan.place.bucket.name],
];

/**
 * Names are made of migration, stage and what they name: nothing of AWS's limits is left to be found out half-way through
 * a deployment.
 * @throws TypeError that names the first name which AWS would refuse.
 */
export function refuseNames(plan: Plan): void {
  if (!/^[a-z0-9-]+$/.test(plan.stage))
    throw new TypeError(`stage "${plan.stage}" must be of a-z, 0-9 and -: it stands in the name of a bucket`);
  for (const [kind, name] of namesOf(plan)) {
    if (name.length > LONGEST[kind])
      throw new TypeError(
        `${kind} "${name}" has ${name.length} characters, and AWS takes ${LONGEST[kind]}: shorten it`,
      );
  }
}

/**
 * Lambda takes no mapping of a queue that hides messages for less than the function may run.
 * @throws TypeError that names the source.
 */
export function refuseQueues({ config }: Plan): void {
  const { timeoutSeconds } = FUNCTIONS.ingest;
  for (const [name, source] of Object.entries(config.sources)) {
    if (!hasForwardQueue(source) || source.visibilitySeconds >= timeoutSeconds) continue;
    throw new TypeError(
      `sources.${name}.visibilitySeconds: ingest may run for ${timeoutSeconds} s, and the queue hides messages for ` +
        `${source.visibilitySeconds} s: raise the queue's visibility timeout first`,
    );
  }
}

/** Bytes that Lambda takes of a function's variables, names included (Lambda guide, "Lambda quotas"). */
const VARIABLES = 4_096;
/** Bytes of what is not known yet, or is SST's: secrets, and a key and the stage in SST's own variables. */
const RESERVED = 800;

/** @throws TypeError when a function would have more variables than Lambda takes. */
export function refuseVariables(name: string, variables: readonly (readonly [name: string, value: string])[]): void {
  const bytes = variables.reduce((sum, [variable, value]) => sum + Buffer.byteLength(variable + value), 0);
  if (bytes + RESERVED <= VARIABLES) return;
  const [longest = ["", ""]] = variables.toSorted(([, a], [, b]) => b.length - a.length);
  throw new TypeError(
    `the variables of ${name} take ${bytes} bytes, and Lambda leaves ${VARIABLES - RESERVED}: ${longest[0]} has ` +
      `${longest[1].length}. Shorten names in crossfade.config.ts, or deploy part of the sources as a migration of its own`,
  );
}
