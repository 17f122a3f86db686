import { invoke } from "../integrations/lambda.ts";
import type { Json } from "../json.ts";
import { payload } from "../store/history.ts";
import { bounded } from "./bounded.ts";
import type { Attempt } from "./run-task.ts";

/** A Task whose Resource is a function's own ARN: the input is the event, the result is the function's. */
export async function runLambda(attempt: Attempt, arn: string): Promise<Json> {
  const { scope, clock } = attempt;
  const { value, text } = await attempt.parameters();
  const { timeoutInSeconds } = attempt.limits;
  const limits = timeoutInSeconds === undefined ? {} : { timeoutInSeconds };
  scope.record("LambdaFunctionScheduled", { resource: arn, ...payload("input", text), ...limits });
  scope.record("LambdaFunctionStarted");
  clock.start();
  return bounded(attempt, "LambdaFunction", invoke(scope.runtime.functions, arn, value));
}
