import type { Machine, State, StateMap } from "@crossfade/bridge/machines";
import type { Plan } from "./plan.ts";
import type { Statement } from "./policy.ts";

type Task = Extract<State, { readonly Type: "Task" }>;

/** Every Task of a machine, those of its Maps and Parallels included. */
function tasksOf({ States }: StateMap): readonly Task[] {
  return Object.values(States).flatMap((state) => {
    if (state.Type === "Task") return [state];
    if (state.Type === "Map") return tasksOf(state.ItemProcessor);
    return state.Type === "Parallel" ? state.Branches.flatMap(tasksOf) : [];
  });
}

const parameter = ({ Parameters }: Task, name: string): string => {
  const value = Parameters?.[name];
  if (typeof value !== "string") throw new TypeError(`a Task has no literal ${name}: its permission cannot be exact`);
  return value;
};

/**
 * What the guide to nested executions asks for: the rule is Step Functions' own, by which it learns of a child's end. The
 * Actions are those of the contract: Order starts them by a name that an item carries.
 */
const nested = ({ actions, place }: Plan): readonly Statement[] => [
  { actions: ["states:StartExecution"], resources: [...actions.keys()].map(place.machineArn) },
  { actions: ["states:StopExecution"], resources: [...actions.keys()].map(place.executionsArn) },
  {
    actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
    resources: [
      `${place.statesArn.replace(":states:", ":events:")}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
    ],
  },
];

const describing = ({ actions, place }: Plan): Statement => ({
  actions: ["states:DescribeExecution"],
  resources: [...actions.keys()].map(place.executionsArn),
});

/** What one Task needs. @throws TypeError for an integration that nobody has said the permission of. */
function statementsOf(task: Task, plan: Plan): readonly Statement[] {
  const { place } = plan;
  // An activity's workers come and ask.
  if (task.Resource.includes(":activity:")) return [];
  switch (task.Resource.replace(/\.waitForTaskToken$/, "")) {
    case "arn:aws:states:::lambda:invoke":
      return [{ actions: ["lambda:InvokeFunction"], resources: [parameter(task, "FunctionName")] }];
    case "arn:aws:states:::states:startExecution.sync:2":
      return [...nested(plan), describing(plan)];
    case "arn:aws:states:::aws-sdk:sfn:describeExecution":
      return [describing(plan)];
    case "arn:aws:states:::sqs:sendMessage": {
      const { queueUrl, queueArn } = place.queue("approvals");
      if (parameter(task, "QueueUrl") === queueUrl) return [{ actions: ["sqs:SendMessage"], resources: [queueArn] }];
      break;
    }
    case "arn:aws:states:::dynamodb:updateItem":
      if (parameter(task, "TableName") === place.ledger.name)
        return [{ actions: ["dynamodb:UpdateItem"], resources: [place.ledger.arn] }];
      break;
  }
  throw new TypeError(`stacks/machine-permissions.ts: say what ${task.Resource} needs, on which ARN`);
}

/** Exactly what a machine's Tasks call; the same statement once. */
export function machinePermissions(machine: Machine, plan: Plan): readonly Statement[] {
  const statements = tasksOf(machine).flatMap((task) => statementsOf(task, plan));
  return [...new Map(statements.map((statement) => [JSON.stringify(statement), statement])).values()];
}

/**
 * Actions that AWS offers for all resources only: delivery of a machine's own log (Step Functions guide, "Logging in
 * CloudWatch Logs") and traces (X-Ray's authorization reference).
 */
export const OBSERVED: readonly Statement[] = [
  {
    actions: [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
    resources: ["*"],
  },
  {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
    resources: ["*"],
  },
];
