import { type ApprovalPlace, ASK_FOR_APPROVAL, approvalStates } from "./approval.ts";
import { type Machine, retryService, retryTransient, retryWaiting, type State } from "./asl.ts";
import { checkStates, type DeployedCheck } from "./checks.ts";
import { ITEM } from "./parts.ts";

/** What Order needs to know of its surroundings. */
export interface OrderMachineArns {
  /** `arn:<partition>:states:<region>:<account>`, the stem of the Actions' ARNs. */
  readonly statesArn: string;
  /** Actions are called `<migration>-<action>`. */
  readonly migration: string;
  readonly finishOrderArn: string;
  /** The function that plans an order in shadow; it may read payloads, and nothing else (P8). */
  readonly planArn: string;
  /** The migration's checks of an order; Order itself knows none by name (N15). */
  readonly checks: readonly DeployedCheck[];
  readonly approvals: ApprovalPlace;
}

/** Of the execution as redriven: what a state recorded before the redrive would say is the old one (R2). */
const GENERATION = { "generation.$": "$$.Execution.RedriveCount" };

/** The Action's name: a generation's own, or a redriven item would find its Action closed (R2a). */
const ACTION_NAME = "States.Format('{}-{}', $.item.executionName, $$.Execution.RedriveCount)";

/** The outcome of an item whose Action gave none. */
const noOutcome = (code: string, message: string) => ({
  ...ITEM,
  status: "FAILED",
  Error: { Code: code, Message: message, Retryable: true },
  effects: [],
});

/** The final Lambda, after the Map or after a refusal: `$.results` or `$.refusal` says what it has to go by. */
const finish = (finishOrderArn: string, comment: string, payload: Readonly<Record<string, unknown>>): State => ({
  Type: "Task",
  Comment: comment,
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: finishOrderArn, Payload: { "order.$": "$$.Execution.Input", ...GENERATION, ...payload } },
  ResultSelector: { "outcome.$": "$.Payload" },
  ResultPath: "$.finished",
  OutputPath: "$.finished.outcome",
  TimeoutSeconds: 60,
  Retry: [retryWaiting(), retryTransient(10)],
  Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "The order could not be finished" }],
  End: true,
});

const LIVE = { Variable: "$.mode", StringEquals: "live" };
const SHADOW = { Variable: "$.mode", StringEquals: "shadow" };

/**
 * The plan of an order in shadow (X3). It ends here: no check is asked, no person, and no Action begins, so that what an
 * Action does with a mode that it was not written for cannot matter (P8).
 */
const planStates = (planArn: string): Readonly<Record<string, State>> => ({
  "Plan the order": {
    Type: "Task",
    Comment: "Says which commands the order would send and what would be captured; nothing is carried out",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: planArn, Payload: { "order.$": "$$.Execution.Input" } },
    ResultSelector: { "outcome.$": "$.Payload" },
    ResultPath: "$.planned",
    OutputPath: "$.planned.outcome",
    TimeoutSeconds: 60,
    Retry: [retryTransient()],
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "The order could not be planned" }],
    End: true,
  },
  "The order could not be planned": {
    Type: "Fail",
    Error: "Crossfade.OrderNotPlanned",
    Cause: "The plan gave up; its claim says so, and nothing else depends on it",
  },
});

/**
 * Order, the top-level machine (N1). Its input says what comes first: the checks (N15), the wait for approval (N16), or
 * the items at once; or that it is only to be planned (X3). A Map runs one Action per item, named by item and generation (N2, N9); a failure stays with its item (N5); the final Lambda decides and
 * carries out the charge (N6) and returns the outcome. The input is never overwritten (N10), and an item receives its own
 * data only (N11).
 * Standard: it runs for minutes to days, and its work must not happen twice (N19).
 * Transitions of an order of n items: 3 + 1 per item, and 3 per item in its Action (N20). With k checks 2 + k more, with an
 * approval 2 more. One that a check refuses takes 5 + k in all, one that is not approved 5, and with checks 7 + k. A plan
 * takes 2, however many its items, and its mode costs no other order a transition.
 */
export const orderMachine = (arns: OrderMachineArns): Machine => ({
  Comment: "An order: its items side by side, then its charge",
  StartAt: "What comes first?",
  TimeoutSeconds: 14 * 24 * 3600,
  States: {
    "What comes first?": {
      Type: "Choice",
      Choices: [
        ...(arns.checks.length > 0
          ? [{ And: [LIVE, { Variable: "$.checks", IsPresent: true }], Next: "Check the order" }]
          : []),
        { And: [LIVE, { Variable: "$.approval", IsPresent: true }], Next: ASK_FOR_APPROVAL },
        { ...LIVE, Next: "Do every item" },
        { ...SHADOW, Next: "Plan the order" },
      ],
      Default: "Mode is not supported",
    },
    "Mode is not supported": {
      Type: "Fail",
      Error: "Crossfade.UnknownMode",
      Cause: "The order's mode is none that this machine carries out",
    },
    ...planStates(arns.planArn),
    ...(arns.checks.length > 0 &&
      checkStates(arns.checks, {
        passed: "Do every item",
        toBeApproved: ASK_FOR_APPROVAL,
        refused: "Finish the refused order",
      })),
    ...approvalStates(arns.approvals, { approved: "Do every item", refused: "Finish the refused order" }),
    "Do every item": {
      Type: "Map",
      ItemsPath: "$.items",
      ItemSelector: {
        "orderId.$": "$.orderId",
        "correlationId.$": "$.correlationId",
        "customerId.$": "$.customerId",
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
              "Name.$": ACTION_NAME,
              Input: {
                "orderId.$": "$.orderId",
                "correlationId.$": "$.correlationId",
                ...GENERATION,
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
              retryService(
                "StepFunctions.ThrottlingException",
                "StepFunctions.SdkClientException",
                "StepFunctions.InternalServerException",
                "States.Timeout",
              ),
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
              "ExecutionArn.$": `States.Format('${arns.statesArn}:execution:${arns.migration}-{}:{}-{}', $.item.action, $.item.executionName, $$.Execution.RedriveCount)`,
            },
            ResultPath: "$.closed",
            TimeoutSeconds: 60,
            Retry: [
              retryService("Sfn.SfnException", "Sfn.ThrottlingException", "Sfn.SdkClientException", "States.Timeout"),
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
    "Finish the order": finish(
      arns.finishOrderArn,
      "Decides the charge for what is known done, carries it out, and returns the outcome",
      { "results.$": "$.results" },
    ),
    "Finish the refused order": finish(
      arns.finishOrderArn,
      "No item has begun: cancels the charge, and ends every item with the refusal",
      { results: [], "refusal.$": "$.refusal" },
    ),
    "The order could not be finished": {
      Type: "Fail",
      Error: "Crossfade.OrderNotFinished",
      Cause: "The final Lambda gave up; settle ends the order and its charge",
    },
  },
});
