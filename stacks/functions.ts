import { CHECK_TIMEOUT_SECONDS, FUNCTIONS, type FunctionName } from "@crossfade/bridge/deployment";
import { checkVariables, functionVariables, secretsOf } from "./environment.ts";
import { type Building, lambda } from "./function.ts";
import { checkPermissions, functionPermissions } from "./permissions.ts";
import { checkFunction, type Plan } from "./plan.ts";

export type Functions = Readonly<Record<FunctionName, sst.aws.Function>>;

/** The bridge's own functions, and one for each check of the migration. */
export function functions(plan: Plan, building: Building): Functions {
  const secrets = secretsOf(plan);
  const own = (name: FunctionName) =>
    lambda(plan, building, {
      name,
      ...FUNCTIONS[name],
      permissions: functionPermissions(name, plan),
      environment: functionVariables(name, plan, secrets),
    });
  for (const { name, handler } of plan.contract.checks) {
    lambda(plan, building, {
      name: checkFunction(name),
      handler,
      timeoutSeconds: CHECK_TIMEOUT_SECONDS,
      permissions: checkPermissions(name, plan),
      environment: checkVariables(name, plan, secrets),
    });
  }
  return {
    ingest: own("ingest"),
    mirror: own("mirror"),
    settle: own("settle"),
    observe: own("observe"),
    reconcile: own("reconcile"),
    "finish-order": own("finish-order"),
    delegate: own("delegate"),
    "delegate-dead-letters": own("delegate-dead-letters"),
    "approval-requests": own("approval-requests"),
  };
}
