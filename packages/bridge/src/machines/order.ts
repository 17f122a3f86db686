import { type Machine, retryTransient, retryWaiting } from "./asl.ts";

/** What Order needs to know of its surroundings. */
export interface OrderMachineArns {
  /** `arn:<partition>:states:<region>:<account>`, the stem of the Actions' ARNs. */
  readonly statesArn: string;
  /** Actions are called `<migration>-<action>`. */
  readonly migration: string;
  readonly finishOrderArn: string;
}

const ITEM = {
  "itemId.$": "$.item.itemId",
  "route.$": "$.item.route",
  "requestId.$": "$.item.requestId",
};

/** The outcome of an item whose Action gave none. */
const noOutcome = (code: string, message: string) => ({
  ...ITEM,
  status: "FAILED",
  Error: { Code: code, Message: message, Retryable: true },
  effects: [],
});

/**
 * Order, the top-level machine (N1). A Map runs one Action per item, named by the item alone (N2, N9); a failure stays
 * with its item (N5); the final Lambda decides and carries out the charge (N6) and returns the outcome. The input is
 * never overwritten (N10), and an item receives its own data only (N11).
 * Standard: it runs for minutes to days, and its work must not happen twice (N19).
 * Transitions of an order of n items: 3 + 1 per item, and 3 per item in its Action (N20).
 */
export const orderMachine = (arns: OrderMachineArns): Machine => ({
  Comment: "An order: its items side by side, then its charge",
  StartAt: "Is the order live?",
  TimeoutSeconds: 14 * 24 * 3600,
  States: {
    "Is the order live?": {
      Type: "Choice",
      Choices: [{ Variable: "$.mode", StringEquals: "live", Next: "Do every item" }],
      Default: "Mode is not supported",
    },
    "Mode is not supported": {
      Type: "Fail",
      Error: "Crossfade.UnknownMode",
      Cause: "The order's mode is none that this machine carries out",
    },
    "Do every item": {
      Type: "Map",
      ItemsPath: "$.items",
      ItemSelector: {
        "orderId.$": "$.orderId",
        "correlationId.$": "$.correlationId",
        "customerId.$": "$.customerId",
        "generation.$": "$$.Execution.RedriveCount",
        "item.$": "$$.Map.Item.Value",
      },
      MaxConcurrency: 40,
      ItemProcessor: {
        ProcessorConfig: { Mode: "INLINE" },
        StartAt: "Do the item",
        States: {
          "Do the item": {
            Type: "Task",
            Resource: "arn:aws:states:::states:startExecution.sync:2",
            Parameters: {
              "StateMachineArn.$": `States.Format('${arns.statesArn}:stateMachine:${arns.migration}-{}', $.item.action)`,
              "Name.$": "$.item.executionName",
              Input: {
                "orderId.$": "$.orderId",
                "correlationId.$": "$.correlationId",
                "generation.$": "$.generation",
                "item.$": "$.item",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
              },
            },
            // The child's output alone: its echoed input would double the state, which is limited to 256 KiB.
            ResultSelector: { "outcome.$": "$.Output" },
            ResultPath: "$.done",
            OutputPath: "$.done.outcome",
            TimeoutSeconds: 8 * 24 * 3600,
            Retry: [
              {
                ErrorEquals: [
                  "StepFunctions.ThrottlingException",
                  "StepFunctions.SdkClientException",
                  "StepFunctions.InternalServerException",
                  "States.Timeout",
                ],
                IntervalSeconds: 1,
                MaxAttempts: 8,
                BackoffRate: 2,
                MaxDelaySeconds: 60,
                JitterStrategy: "FULL",
              },
            ],
            Catch: [
              {
                ErrorEquals: ["StepFunctions.ExecutionAlreadyExistsException"],
                ResultPath: "$.failure",
                Next: "Read the closed Action",
              },
              { ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "The Action failed" },
            ],
            End: true,
          },
          "Read the closed Action": {
            Type: "Task",
            Comment: "A retry finds its own child closed: the child's output counts, the work is not started again",
            Resource: "arn:aws:states:::aws-sdk:sfn:describeExecution",
            Parameters: {
              "ExecutionArn.$": `States.Format('${arns.statesArn}:execution:${arns.migration}-{}:{}', $.item.action, $.item.executionName)`,
            },
            ResultPath: "$.closed",
            TimeoutSeconds: 60,
            Retry: [
              {
                ErrorEquals: [
                  "Sfn.SfnException",
                  "Sfn.ThrottlingException",
                  "Sfn.SdkClientException",
                  "States.Timeout",
                ],
                IntervalSeconds: 1,
                MaxAttempts: 8,
                BackoffRate: 2,
                MaxDelaySeconds: 60,
                JitterStrategy: "FULL",
              },
            ],
            Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "The closed Action has no outcome" }],
            Next: "Did the closed Action succeed?",
          },
          "Did the closed Action succeed?": {
            Type: "Choice",
            Choices: [
              { Variable: "$.closed.Status", StringEquals: "SUCCEEDED", Next: "Take the closed Action's outcome" },
            ],
            Default: "The closed Action has no outcome",
          },
          "Take the closed Action's outcome": {
            Type: "Pass",
            Parameters: { "outcome.$": "States.StringToJson($.closed.Output)" },
            ResultPath: "$.done",
            OutputPath: "$.done.outcome",
            End: true,
          },
          "The closed Action has no outcome": {
            Type: "Pass",
            Parameters: noOutcome("ACTION_CLOSED", "the Action had been closed before without an outcome"),
            End: true,
          },
          "The Action failed": {
            Type: "Pass",
            Parameters: noOutcome("ACTION_FAILED", "the Action ended without an outcome"),
            End: true,
          },
        },
      },
      ResultPath: "$.results",
      Next: "Finish the order",
    },
    "Finish the order": {
      Type: "Task",
      Comment: "Decides the charge for what is known done, carries it out, and returns the outcome",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: {
        FunctionName: arns.finishOrderArn,
        Payload: { "order.$": "$$.Execution.Input", "results.$": "$.results" },
      },
      ResultSelector: { "outcome.$": "$.Payload" },
      ResultPath: "$.finished",
      OutputPath: "$.finished.outcome",
      TimeoutSeconds: 60,
      Retry: [retryWaiting(), retryTransient(10)],
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "The order could not be finished" }],
      End: true,
    },
    "The order could not be finished": {
      Type: "Fail",
      Error: "Crossfade.OrderNotFinished",
      Cause: "The final Lambda gave up; settle ends the order and its charge",
    },
  },
});
