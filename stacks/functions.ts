import { CHECK_TIMEOUT_SECONDS, deployedFunctions, FUNCTIONS, type FunctionName } from "@crossfade/bridge/deployment";
import { checkVariables, functionVariables, secretsOf } from "./environment.ts";
import { type Building, lambda } from "./function.ts";
import { checkPermissions, functionPermissions } from "./permissions.ts";
import { checkFunction, type Plan } from "./plan.ts";
import type { Website } from "./website.ts";

/** Those that this deployment has: it reads the tracking table's stream, or polls. */
export type Functions = (name: FunctionName) => sst.aws.Function;

/** The bridge's own functions, and one for each check of the migration. */
export function functions(plan: Plan, building: Building, website: Pick<Website, "origin"> | undefined): Functions {
  const secrets = secretsOf(plan);
  const own = (name: FunctionName) =>
    lambda(plan, building, {
      name,
      ...FUNCTIONS[name],
      permissions: functionPermissions(name, plan),
      environment: {
        ...functionVariables(name, plan, secrets),
        ...(name === "api" && website && { DASHBOARD_ORIGIN: website.origin }),
      },
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
  const deployed = new Map(deployedFunctions(plan.config).map((name) => [name, own(name)]));
  return (name) => {
    const found = deployed.get(name);
    if (found === undefined) throw new TypeError(`the function ${name} is not deployed`);
    return found;
  };
}
