import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { HistoryStep } from "../evidence.ts";

/** Where the events that tell of a failure keep the error's name. */
const FAILURES = [
  "activityFailedEventDetails",
  "activityScheduleFailedEventDetails",
  "activityTimedOutEventDetails",
  "evaluationFailedEventDetails",
  "executionAbortedEventDetails",
  "executionFailedEventDetails",
  "executionTimedOutEventDetails",
  "lambdaFunctionFailedEventDetails",
  "lambdaFunctionScheduleFailedEventDetails",
  "lambdaFunctionStartFailedEventDetails",
  "lambdaFunctionTimedOutEventDetails",
  "taskFailedEventDetails",
  "taskStartFailedEventDetails",
  "taskSubmitFailedEventDetails",
  "taskTimedOutEventDetails",
] as const satisfies readonly (keyof HistoryEvent)[];

/** An event without its payload and its cause: both may hold personal data. */
export const stepOf = (event: HistoryEvent): HistoryStep => ({
  id: event.id ?? 0,
  previousId: event.previousEventId ?? 0,
  type: event.type ?? "",
  state: event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name,
  error: FAILURES.map((field) => event[field]?.error).find((error) => error !== undefined),
  index: event.mapIterationStartedEventDetails?.index,
});
