/** Amazon States Language (JSONPath) as typed data: only what our machines use. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath?: string;
  readonly Next: string;
}

type Template = Readonly<Record<string, unknown>>;
type Transition = { readonly Next: string } | { readonly End: true };

interface Common {
  readonly Comment?: string;
  readonly InputPath?: string;
  readonly OutputPath?: string;
  readonly ResultPath?: string | null;
}

export type TaskState = Common &
  Transition & {
    readonly Type: "Task";
    readonly Resource: string;
    readonly Parameters?: Template;
    readonly ResultSelector?: Template;
    readonly TimeoutSeconds: number;
    readonly HeartbeatSeconds?: number | undefined;
    readonly Retry: readonly Retrier[];
    readonly Catch?: readonly Catcher[];
  };

export type PassState = Common &
  Transition & { readonly Type: "Pass"; readonly Parameters?: Template; readonly Result?: unknown };

export interface ChoiceState {
  readonly Type: "Choice";
  readonly Comment?: string;
  readonly Choices: readonly ({ readonly Next: string } & Template)[];
  readonly Default: string;
}

export type MapState = Common &
  Transition & {
    readonly Type: "Map";
    readonly ItemsPath: string;
    readonly ItemSelector: Template;
    readonly MaxConcurrency: number;
    readonly ItemProcessor: { readonly ProcessorConfig: { readonly Mode: "INLINE" } } & StateMap;
  };

export type ParallelState = Common & Transition & { readonly Type: "Parallel"; readonly Branches: readonly StateMap[] };

export interface FailState {
  readonly Type: "Fail";
  readonly Error: string;
  readonly Cause: string;
}

export type State = TaskState | PassState | ChoiceState | MapState | ParallelState | FailState;

export interface StateMap {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A whole machine. TimeoutSeconds is its own bound: an order never runs for ever. */
export type Machine = StateMap & { readonly Comment: string; readonly TimeoutSeconds: number };

const TIMEOUTS = ["States.Timeout", "States.HeartbeatTimeout"];

/**
 * Errors of AWS's side that pass: Lambda's own, throttling, and timeouts, which must be named to be retried (N14).
 * @param timeouts false for a task whose timeout means something else, and is caught by its name.
 */
export const retryTransient = (attempts = 5, timeouts = true): Retrier => ({
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    ...(timeouts ? TIMEOUTS : []),
    "Crossfade.Retry",
  ],
  IntervalSeconds: 1,
  MaxAttempts: attempts,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
});

/** Passing errors of a service that a state calls directly, by the names under which Step Functions reports them. */
export const retryService = (...errors: readonly string[]): Retrier => ({
  ErrorEquals: errors,
  IntervalSeconds: 1,
  MaxAttempts: 8,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
});

/** Work that waits for another: a pin on the other path, an effect whose end is not known. Many short waits. */
export const retryWaiting = (): Retrier => ({
  ErrorEquals: ["Crossfade.Wait"],
  IntervalSeconds: 1,
  MaxAttempts: 60,
  BackoffRate: 1.5,
  MaxDelaySeconds: 60,
});
