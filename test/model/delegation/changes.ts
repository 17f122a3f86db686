// The writes to the ledger, each one transaction, and small changes that more than one actor makes.
import {
  type DelegationRules,
  type DelegationScenario,
  type DelegationState,
  NEW_DECIDER,
  type Outcome,
} from "./state.ts";

export const spend = (state: DelegationState, what: keyof DelegationScenario): DelegationState => ({
  ...state,
  budget: { ...state.budget, [what]: state.budget[what] - 1 },
});

export const isOutcome = (text: string): text is Outcome => text === "COMPLETED" || text === "FAILED";

const withVersionRaised = (state: DelegationState): DelegationState => ({
  ...state,
  deciders: state.deciders.map((decider) => ({ ...decider, versionHolds: false })),
});

export const beginEffect = (state: DelegationState): DelegationState => ({
  ...withVersionRaised(state),
  effect: "begun",
  openInOrder: true,
});

/** The first outcome counts; a later one finds the effect ended. */
export const endEffect = (state: DelegationState, outcome: Outcome): DelegationState =>
  state.effect === "begun" ? { ...withVersionRaised(state), effect: outcome, openInOrder: false } : state;

export const forgetEffect = (state: DelegationState): DelegationState => ({
  ...withVersionRaised(state),
  effect: "absent",
  openInOrder: false,
});

export function sendCopy(rules: DelegationRules, state: DelegationState): DelegationState {
  if (rules.fifo && state.remembered) return state;
  return { ...state, remembered: true, copies: state.copies + 1, queued: state.queued + 1 };
}

/** Step Functions takes an answer only for the token of the attempt that it waits for. */
export const isWaitedFor = (state: DelegationState, attempt: number): boolean =>
  state.action === "waiting" && !state.stopped && state.tokenAlive && state.attempt === attempt;

export const complete = (state: DelegationState, attempt: number, outcome: Outcome): DelegationState =>
  isWaitedFor(state, attempt) ? actionEnds(state, outcome) : state;

/** The order goes on to finish-order. */
export const actionEnds = (state: DelegationState, action: DelegationState["action"]): DelegationState => ({
  ...state,
  action,
  tokenAlive: false,
  deciders: [...state.deciders, NEW_DECIDER],
});

export function attemptOver(rules: DelegationRules, state: DelegationState): DelegationState {
  const over = { ...state, tokenAlive: false };
  return rules.neverGivesUp ? over : actionEnds(over, "GAVE UP");
}
