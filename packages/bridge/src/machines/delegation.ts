import { retryTransient, retryWaiting, type StateMap } from "./asl.ts";
import { catchAll, catchRedrivenByHand } from "./parts.ts";

/** The states by which an Action has its work done by the legacy service (N4). Names read as sentences (R6). */
export interface DelegationSpec {
  /** The Choice that comes first, and what it goes to where the Action's own worker does the work. */
  readonly whoDoesIt: string;
  readonly doIt: string;
  /** Where the outcome is looked at, whoever did the work; it stands at `$.work`. */
  readonly wasItDone: string;
  readonly handOver: string;
  readonly functionArn: string;
  /** Seconds of one wait; longer than the function's own timeout, so that only one attempt is at work. */
  readonly waitSeconds: number;
}

const COUNT = "Count the wait";
const AGAIN = "Wait with a new token";

/**
 * Once the legacy service has been asked, the Action never fails by timeout: it waits anew, each time with a new token,
 * until the row or the dead-letter queue answers. The function sends the message once, whatever the number of waits.
 */
export const delegationStates = (spec: DelegationSpec): StateMap["States"] => ({
  [spec.whoDoesIt]: {
    Type: "Choice",
    Choices: [
      {
        And: [
          { Variable: "$.item.integration", IsPresent: true },
          { Variable: "$.item.integration", StringEquals: "delegate" },
        ],
        Next: COUNT,
      },
    ],
    Default: spec.doIt,
  },
  [COUNT]: { Type: "Pass", Result: { n: 0 }, ResultPath: "$.waits", Next: spec.handOver },
  [spec.handOver]: {
    Type: "Task",
    Comment: "Ends when the legacy service has ended the work, as the tracking table tells it",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: {
      FunctionName: spec.functionArn,
      Payload: {
        "orderId.$": "$.orderId",
        "correlationId.$": "$.correlationId",
        "generation.$": "$.generation",
        "item.$": "$.item",
        "token.$": "$$.Task.Token",
        "waits.$": "$.waits.n",
        "retries.$": "$$.State.RetryCount",
      },
    },
    ResultPath: "$.work",
    TimeoutSeconds: spec.waitSeconds,
    Retry: [retryWaiting(), retryTransient(20, false)],
    Catch: [
      { ErrorEquals: ["States.Timeout"], ResultPath: "$.failure", Next: AGAIN },
      catchRedrivenByHand,
      ...catchAll("The work could not be done"),
    ],
    Next: spec.wasItDone,
  },
  [AGAIN]: {
    Type: "Pass",
    Parameters: { "n.$": "States.MathAdd($.waits.n, 1)" },
    ResultPath: "$.waits",
    Next: spec.handOver,
  },
});
