import type { FunctionHost } from "../../contract.ts";
import type { Integrations } from "../integrations/integrations.ts";
import type { Activities } from "../store/activities.ts";
import type { TaskTokens } from "../store/task-tokens.ts";

/** What running executions need of the server. */
export interface Runtime {
  readonly region: string;
  readonly functions: FunctionHost;
  readonly activities: Activities;
  readonly tokens: TaskTokens;
  readonly integrations: Integrations;
}
