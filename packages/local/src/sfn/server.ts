import { DEFAULT_REGION, type RunningServer, type StepFunctionsOptions } from "../contract.ts";
import type { World } from "./api/action.ts";
import { Arns } from "./arns.ts";
import { serve } from "./http.ts";
import { Integrations } from "./integrations/integrations.ts";
import { runExecution } from "./run/run-execution.ts";
import { Activities } from "./store/activities.ts";
import { Executions } from "./store/executions.ts";
import { Machines } from "./store/machines.ts";
import { statusEvent } from "./store/status-event.ts";
import { Tags } from "./store/tags.ts";
import { TaskTokens } from "./store/task-tokens.ts";

/**
 * Step Functions for one account and region, in memory, over HTTP. Everything it does not do it refuses with
 * "not supported by the local cloud: X". Listens on 127.0.0.1; port 0, the default, takes any free one.
 */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<RunningServer> {
  const region = options.region ?? DEFAULT_REGION;
  const arns = new Arns(region);
  const machines = new Machines(arns);
  const activities = new Activities(arns);
  const tokens = new TaskTokens();
  const integrations: Integrations = new Integrations(options, region, () => executions);
  const runtime = { region, functions: options.functions, activities, tokens, integrations };
  const executions: Executions = new Executions({
    arns,
    machines,
    run: (execution) => void runExecution(execution, runtime),
    onChange: (execution) => options.events.publish(statusEvent(execution, region)),
  });
  const world: World = { machines, executions, activities, tokens, integrations, tags: new Tags() };
  const server = await serve(world, options.port ?? 0);
  return {
    endpoint: server.endpoint,
    async close() {
      executions.close();
      await server.close();
      integrations.close();
    },
  };
}
