import { retryService, type State } from "./asl.ts";

/** Where requests for approval go, and how long an order waits. */
export interface ApprovalPlace {
  readonly queueUrl: string;
  /** The ledger, in which a request that nobody answered is closed. */
  readonly ledgerTable: string;
  /** Seconds for an answer; three days unless given. */
  readonly waitSeconds?: number;
}

const THREE_DAYS = 3 * 24 * 3600;

/** The state whose wait a person ends. */
export const ASK_FOR_APPROVAL = "Ask for approval";

/** A soft error in `$.refusal`, with which every item of the order ends. */
const refusal = (error: Readonly<Record<string, unknown>>, Next: string): State => ({
  Type: "Pass",
  Parameters: error,
  ResultPath: "$.refusal",
  Next,
});

/**
 * The wait of an order over a threshold for a person's answer (N16), by task token (N4). No answer in time is an outcome
 * of its own; the request is then closed in the ledger by a direct DynamoDB call, since nothing is to be decided (N13).
 * A retry of a send makes a new token: `attempt` tells the newer from the older.
 * Transitions: 2 when approved; an order that is refused takes 5 in all, one that nobody answers 5 too.
 */
export const approvalStates = (
  { queueUrl, ledgerTable, waitSeconds = THREE_DAYS }: ApprovalPlace,
  onwards: { readonly approved: string; readonly refused: string },
): Readonly<Record<string, State>> => ({
  [ASK_FOR_APPROVAL]: {
    Type: "Task",
    Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    Parameters: {
      QueueUrl: queueUrl,
      MessageBody: {
        "orderId.$": "$.orderId",
        "executionName.$": "$$.Execution.Name",
        "correlationId.$": "$.correlationId",
        "amount.$": "$.approval.amount",
        "over.$": "$.approval.over",
        "items.$": "States.ArrayLength($.items)",
        attempt: { "generation.$": "$$.Execution.RedriveCount", "retry.$": "$$.State.RetryCount" },
        "token.$": "$$.Task.Token",
      },
    },
    ResultPath: "$.answer",
    TimeoutSeconds: waitSeconds,
    // States.TaskFailed is every error but a timeout: the send is retried, the wait is not begun anew.
    Retry: [retryService("States.TaskFailed")],
    Catch: [
      { ErrorEquals: ["States.Timeout"], ResultPath: "$.failure", Next: "Nobody answered in time" },
      { ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "Approval could not be asked for" },
    ],
    Next: "Was the order approved?",
  },
  "Was the order approved?": {
    Type: "Choice",
    Choices: [{ Variable: "$.answer.approved", BooleanEquals: true, Next: onwards.approved }],
    Default: "Approval was refused",
  },
  "Approval was refused": refusal(
    {
      Code: "APPROVAL_REFUSED",
      Retryable: false,
      "Message.$": "States.Format('refused by {}: {}', $.answer.by, $.answer.reason)",
    },
    onwards.refused,
  ),
  "Nobody answered in time": refusal(
    { Code: "APPROVAL_TIMED_OUT", Retryable: true, Message: "nobody approved or refused the order in time" },
    "Close the request for approval",
  ),
  "Approval could not be asked for": refusal(
    {
      Code: "APPROVAL_NOT_ASKED",
      Retryable: true,
      "Message.$": "States.Format('approval could not be asked for: {}', $.failure.Error)",
    },
    "Close the request for approval",
  ),
  "Close the request for approval": {
    Type: "Task",
    Comment: "Also where no request is recorded yet: one that comes late is then known to be late",
    Resource: "arn:aws:states:::dynamodb:updateItem",
    Parameters: {
      TableName: ledgerTable,
      Key: { pk: { "S.$": "States.Format('ORDER#{}', $.orderId)" }, sk: { S: "APPROVAL" } },
      UpdateExpression: "SET waitEnd = :expired, generation = :generation REMOVE sealedToken, inFlight",
      ConditionExpression: "attribute_not_exists(generation) OR generation <= :generation",
      ExpressionAttributeValues: {
        ":expired": { S: "expired" },
        ":generation": { "N.$": "States.Format('{}', $$.Execution.RedriveCount)" },
      },
    },
    ResultPath: "$.closed",
    TimeoutSeconds: 60,
    Retry: [
      { ErrorEquals: ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts: 0 },
      retryService("States.TaskFailed", "States.Timeout"),
    ],
    // A request that stays open costs nobody anything: whoever answers it is told that its wait is over.
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: onwards.refused }],
    Next: onwards.refused,
  },
});
