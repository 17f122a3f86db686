import type { Catcher, PassState } from "./asl.ts";

/** Whose outcome it is: three fields of the item, in every outcome of an Action. */
export const ITEM = {
  "itemId.$": "$.item.itemId",
  "route.$": "$.item.route",
  "requestId.$": "$.item.requestId",
};

/** Everything else goes to that state, with the error beside the input (N8, N10). */
export const catchAll = (next: string): readonly Catcher[] => [
  { ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: next },
];

/** The end of an item that the worker itself reported as failed; `at` is the path of its answer. */
export const refusedAt = (at: string): PassState => ({
  Type: "Pass",
  Parameters: { ...ITEM, status: "FAILED", "Error.$": `${at}.Error`, "effects.$": `${at}.effects` },
  End: true,
});

/** The end of an item that failed with an error of the machine's own. `message`: arguments of States.Format. */
export const failedWith = (
  code: string,
  message: string,
  effects: readonly string[],
  retryable = false,
): PassState => ({
  Type: "Pass",
  Parameters: {
    ...ITEM,
    status: "FAILED",
    Error: { Code: code, "Message.$": `States.Format(${message})`, Retryable: retryable },
    ...(effects.length === 0 ? { effects: [] } : { "effects.$": `States.Array(${effects.join(", ")})` }),
  },
  End: true,
});

/** Redriven by hand: the worker began nothing. The state beside catchAll's, and where it goes. */
export const catchRedrivenByHand: Catcher = {
  ErrorEquals: ["Crossfade.RedrivenByHand"],
  ResultPath: "$.failure",
  Next: "The order was redriven by hand",
};
export const redrivenByHand = failedWith(
  "REDRIVEN_BY_HAND",
  "'{}: the order was redriven by hand, and the work did not begin; use crossfade redrive', $.failure.Error",
  [],
  true,
);

/** The end of an item whose worker gave no answer, after all retries. */
export const workNotDone = failedWith(
  "WORK_NOT_DONE",
  "'the worker did not finish the work: {}', $.failure.Error",
  [],
  true,
);
