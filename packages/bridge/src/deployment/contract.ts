import type { Machine } from "../machines/asl.ts";
import type { OrderCheck } from "../order-check.ts";
import type { PlanDeps } from "../plan-order.ts";
import type { Migration } from "../route.ts";

/** What the Actions need to know of their surroundings. */
export interface ActionsArns<Activity extends string = string> {
  /** By the activity's name. */
  readonly activities: Readonly<Record<Activity, string>>;
  readonly delegateFunction: string;
  /** Seconds of one wait for the legacy service; 15 minutes unless given. */
  readonly delegateWaitSeconds?: number | undefined;
}

/** A check of an order, and the Lambda function that does it. */
export interface ContractCheck extends OrderCheck {
  /** Path of the module from the root of the repository, and the name of its export: `path/to/file.handler`. */
  readonly handler: string;
}

/** Everything that an adopter says of their migration: its messages, and the state machines that do its work. */
export interface Contract<Activity extends string = string> {
  readonly migration: Migration;
  /** One activity for each external service; workers pull from them (N3). */
  readonly activities: readonly Activity[];
  /** Every Action by its name; Order starts them by that name alone (N2). */
  actions(arns: ActionsArns<Activity>): Readonly<Record<string, Machine>>;
  readonly checks: readonly ContractCheck[];
  /**
   * What an item's Action would send to external services if nobody refused: each command as an effect, in the words in
   * which `legacyOutcome` tells of it, so that plan and deed can be compared (X3). Pure; what it throws ends as the
   * shadow's failure. What would be captured is added to it: see captureEffect.
   */
  readonly plan: PlanDeps["plan"];
}

/** @throws TypeError when two checks share a name, or a handler is no path and export. */
export function defineContract<const Activity extends string>(contract: Contract<Activity>): Contract<Activity> {
  const names = contract.checks.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new TypeError("two checks share a name");
  for (const { handler } of contract.checks) {
    if (!/^[\w/.-]+\.[A-Za-z]\w*$/.test(handler)) throw new TypeError(`"${handler}" is no path/to/file.export`);
  }
  return contract;
}
