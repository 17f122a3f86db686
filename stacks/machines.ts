import type { Machine } from "@crossfade/bridge/machines";
import { machinePermissions, OBSERVED } from "./machine-permissions.ts";
import { pascal } from "./place.ts";
import type { Plan } from "./plan.ts";
import { assumedBy, policy } from "./policy.ts";

const LOG_DAYS = 90;

/**
 * One machine with a role of its own. Standard: an order's work takes minutes to days and must not happen twice (N19).
 * Errors are logged; what executions carry is a customer's, and stays out of the log unless the stage asks for it.
 */
function machine(plan: Plan, name: string, definition: Machine): void {
  const { config, place } = plan;
  const role = new aws.iam.Role(`${pascal(name)}Machine`, {
    name: place.name(`${name}-machine`),
    assumeRolePolicy: assumedBy("states.amazonaws.com", place.accountId),
    inlinePolicies: [{ name: "machine", policy: policy([...machinePermissions(definition, plan), ...OBSERVED]) }],
  });
  const log = new aws.cloudwatch.LogGroup(`${pascal(name)}Machine`, {
    // AWS's prefix for logs that a service delivers: other names outgrow the size of its resource policy.
    name: `/aws/vendedlogs/states/${place.name(name)}`,
    retentionInDays: LOG_DAYS,
  });
  new aws.sfn.StateMachine(name, {
    name: place.name(name),
    type: "STANDARD",
    definition: JSON.stringify(definition),
    roleArn: role.arn,
    loggingConfiguration: {
      level: "ERROR",
      includeExecutionData: config.executionData,
      logDestination: $interpolate`${log.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
  });
}

/** Activities, one for each external service (N3), the Actions, and Order, which starts them by name (N2). */
export function machines(plan: Plan): void {
  for (const name of plan.contract.activities) new aws.sfn.Activity(name, { name: plan.place.name(name) });
  for (const [name, definition] of plan.actions) machine(plan, name, definition);
  machine(plan, "Order", plan.order);
}
