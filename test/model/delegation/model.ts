import { type Model, Moves } from "../explore.ts";
import { isOutcome } from "./changes.ts";
import { lambdaMoves } from "./lambda.ts";
import { legacyMoves, observeMoves, reconcileMoves } from "./observe.ts";
import { deciderMoves, lastTimeout, taskMoves } from "./order.ts";
import type { DelegationCheck, DelegationRules, DelegationScenario, DelegationState } from "./state.ts";

export const ALL_RULES: DelegationRules = {
  tokenWithEffect: true,
  newestToken: true,
  mark: "after",
  fifo: true,
  unmarked: "send",
  readAfterMark: true,
  outcomeFirst: true,
  observeCompletes: true,
  recordedOutcome: true,
  removeSame: true,
  neverGivesUp: true,
  reconcileRows: true,
  reconcileTokens: false,
  reconcileUnmarked: "send",
  decisionWaits: true,
  decisionVersioned: true,
  beginUndecided: true,
};

export const QUIET: DelegationScenario = {
  crashes: 0,
  timeouts: 0,
  zombies: 0,
  stops: 0,
  lostRecords: 0,
  repeatedRecords: 0,
  windows: 0,
  legacyRepeats: 0,
};

export function delegation(
  rules: DelegationRules,
  scenario: DelegationScenario,
): Model<DelegationState, DelegationCheck> {
  return {
    initial: {
      budget: scenario,
      action: "waiting",
      attempt: 0,
      tokenAlive: false,
      stopped: false,
      lambdas: [],
      observers: [],
      sender: null,
      deciders: [],
      effect: "absent",
      marked: false,
      token: 0,
      openInOrder: false,
      decision: "none",
      remembered: false,
      copies: 0,
      queued: 0,
      working: false,
      row: "RECEIVED",
      records: [],
    },
    moves(state) {
      const moves = new Moves<DelegationState, DelegationCheck>();
      taskMoves(rules, state, moves);
      lambdaMoves(rules, state, moves);
      legacyMoves(state, moves);
      observeMoves(rules, state, moves);
      reconcileMoves(rules, state, moves);
      deciderMoves(rules, state, moves);
      lastTimeout(rules, state, moves);
      return moves.all;
    },
    key,
    brokenIn,
    brokenAtRest,
    endlessBreaks: "HANG action waits for ever",
  };
}

/** Attempts only follow each other: their numbers are counted anew, so that trying for ever comes back to a state. */
function key(state: DelegationState): string {
  const { attempt, token, lambdas, observers } = state;
  const known = [...lambdas.map((lambda) => lambda.attempt), ...observers.map((observer) => observer.token), token];
  const numbers = [...new Set([0, ...known, attempt])].sort((a, b) => a - b);
  const renumbered = {
    ...state,
    attempt: numbers.indexOf(attempt),
    token: numbers.indexOf(token),
    lambdas: lambdas.map((lambda) => ({ ...lambda, attempt: numbers.indexOf(lambda.attempt) })),
    observers: observers.map((observer) => ({ ...observer, token: numbers.indexOf(observer.token) })),
  };
  return JSON.stringify(renumbered);
}

function brokenIn({ copies, action, effect }: DelegationState): DelegationCheck[] {
  const broken: DelegationCheck[] = [];
  if (copies > 1) broken.push("TWICE the bridge sent a second legacy copy");
  if (isOutcome(action) && action !== effect) broken.push("P7 action ended otherwise than its row");
  if (action === "GAVE UP" && isOutcome(effect)) broken.push("P7 action ended otherwise than its row");
  return broken;
}

function brokenAtRest(state: DelegationState): DelegationCheck[] {
  const broken: DelegationCheck[] = [];
  const { effect, row, decision } = state;
  if (effect === "begun") broken.push("HANG effect open for ever");
  else if (decision === "none") broken.push("HANG charge never decided");
  const done = isOutcome(effect) ? effect === "COMPLETED" : row === "COMPLETED";
  if (decision !== "none" && (decision === "capture") !== done) {
    broken.push("P7 decision differs from what was done");
  }
  return broken;
}
