import { ledger, ledgerIndex, putPayloads, readPayloads } from "./permissions.ts";
import type { Plan } from "./plan.ts";
import { policy } from "./policy.ts";

/**
 * Activity workers run beside their external services, not here. For each activity there is a policy to attach to
 * whatever role they run under. @returns its ARN by activity.
 */
export function workerPolicies(plan: Plan): Readonly<Record<string, $util.Output<string>>> {
  const { contract, place } = plan;
  const policies = contract.activities.map((activity) => {
    const statements = [
      {
        actions: [
          "states:GetActivityTask",
          "states:SendTaskSuccess",
          "states:SendTaskFailure",
          "states:SendTaskHeartbeat",
        ],
        resources: [place.activityArn(activity)],
      },
      // Begin, end and forget of effects, in transactions with claim, pin and charge.
      ledger(plan, "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "Query"),
      ledgerIndex(plan),
      putPayloads(plan),
      ...readPayloads(plan),
    ];
    const { arn } = new aws.iam.Policy(`worker-${activity}`, {
      name: place.name(`worker-${activity}`),
      description: `What a worker of the activity ${place.name(activity)} calls`,
      policy: policy(statements),
    });
    return [activity, arn] as const;
  });
  return Object.fromEntries(policies);
}
