import type { Json } from "../json.ts";

/** The context object, `$$` (developer guide, "Accessing execution data from the Context object"). */
export interface Context {
  readonly Execution: {
    readonly Id: string;
    readonly Input: Json;
    readonly Name: string;
    readonly RoleArn: string;
    /** ISO 8601 with milliseconds. */
    readonly StartTime: string;
    readonly RedriveCount: number;
    /** The same; only once the execution has been redriven. */
    readonly RedriveTime?: string;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
  readonly State: { readonly Name: string; readonly EnteredTime: string; readonly RetryCount: number };
  /** Only in tasks with .waitForTaskToken. */
  readonly Task?: { readonly Token: string };
  /** Only in the ItemSelector of a Map. */
  readonly Map?: { readonly Item: { readonly Index: number; readonly Value: Json } };
}
