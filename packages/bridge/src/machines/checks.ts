import type { OrderCheck } from "../order-check.ts";
import { retryTransient, type State, type StateMap } from "./asl.ts";

/** A check of a migration, and the Lambda that does it. */
export interface DeployedCheck extends OrderCheck {
  readonly functionArn: string;
}

/** Where an order goes on from its checks. A refusal lies in `$.refusal`. */
interface Onwards {
  readonly passed: string;
  readonly toBeApproved: string;
  readonly refused: string;
}

/** One check. It fails neither the order nor its neighbours: whatever it throws, after its Retry, becomes its answer. */
const branch = ({ name, question, functionArn }: DeployedCheck): StateMap => ({
  StartAt: question,
  States: {
    [question]: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: {
        FunctionName: functionArn,
        Payload: {
          "orderId.$": "$.orderId",
          "correlationId.$": "$.correlationId",
          "customerId.$": "$.customerId",
          "items.$": "$.items",
        },
      },
      ResultSelector: { "answer.$": "$.Payload" },
      ResultPath: "$.asked",
      OutputPath: "$.asked.answer",
      TimeoutSeconds: 30,
      Retry: [retryTransient()],
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: `The ${name} check was not done` }],
      End: true,
    },
    [`The ${name} check was not done`]: {
      Type: "Pass",
      Parameters: {
        Error: {
          Code: "CHECK_NOT_DONE",
          Retryable: true,
          "Message.$": `States.Format('the ${name} check gave no answer: {}', $.failure.Error)`,
        },
      },
      End: true,
    },
  },
});

/**
 * The checks of an order, side by side (N15): which there are, the migration says. The first in its list that found an
 * error refuses the order. Transitions of k checks: 2 + k, and 1 more when the order is refused.
 */
export const checkStates = (checks: readonly DeployedCheck[], onwards: Onwards): Readonly<Record<string, State>> => ({
  "Check the order": {
    Type: "Parallel",
    Branches: checks.map(branch),
    ResultPath: "$.checked",
    Next: "Did every check pass?",
  },
  "Did every check pass?": {
    Type: "Choice",
    Choices: [
      ...checks.map(({ name }, i) => ({
        Variable: `$.checked[${i}].Error`,
        IsPresent: true,
        Next: `The ${name} check refused the order`,
      })),
      { Variable: "$.approval", IsPresent: true, Next: onwards.toBeApproved },
    ],
    Default: onwards.passed,
  },
  ...Object.fromEntries(
    checks.map(({ name }, i): [string, State] => [
      `The ${name} check refused the order`,
      { Type: "Pass", InputPath: `$.checked[${i}].Error`, ResultPath: "$.refusal", Next: onwards.refused },
    ]),
  ),
});
