// Who moves here: the task of the Action, the operator who stops the order, and the two that decide the charge.
import { type Moves, replaced, without } from "../explore.ts";
import { attemptOver, isOutcome, spend } from "./changes.ts";
import { type DelegationCheck, type DelegationRules, type DelegationState, type Lambda, NEW_DECIDER } from "./state.ts";

type DelegationMoves = Moves<DelegationState, DelegationCheck>;

export function taskMoves(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  const { budget, attempt } = state;
  if (state.action !== "waiting" || state.stopped) return;
  if (budget.stops > 0) {
    const stopped = { ...spend(state, "stops"), stopped: true, deciders: [...state.deciders, NEW_DECIDER] };
    moves.fault("order stopped", stopped);
  }
  if (!state.tokenAlive) {
    const lambda: Lambda = { attempt: attempt + 1, next: "begin", found: "nothing", outcome: null };
    const lambdas = [...state.lambdas, lambda];
    moves.step(`attempt ${attempt + 1} starts`, { ...state, attempt: attempt + 1, tokenAlive: true, lambdas });
    return;
  }
  const alive = state.lambdas.some((lambda) => lambda.attempt === attempt);
  if (!alive && budget.timeouts > 0) moves.fault("the task times out", attemptOver(rules, spend(state, "timeouts")));
  if (alive && budget.zombies > 0) {
    moves.fault("the task times out, its Lambda goes on", attemptOver(rules, spend(state, "zombies")));
  }
}

/** Where nothing else can happen any more, the task's timeout comes in the end. */
export function lastTimeout(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  if (state.action !== "waiting" || state.stopped || moves.all.some(({ fault }) => !fault)) return;
  const late: DelegationCheck[] = isOutcome(state.row) ? ["LATE nothing but a timeout ends the action"] : [];
  moves.step("the task times out in the end", attemptOver(rules, state), late);
}

/** One read tells version, open effects and what is done; one conditional write decides. */
export function deciderMoves(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  const blocked = rules.decisionWaits && state.openInOrder;
  state.deciders.forEach((decider, index) => {
    const rest = { ...state, deciders: without(state.deciders, index) };
    const become = (next: typeof decider) => ({ ...state, deciders: replaced(state.deciders, index, next) });
    if (state.decision !== "none") moves.step(`decider ${index} finds it decided`, rest);
    else if (decider.next === "read") {
      // It goes back to its queue, and nothing changes until the effect has ended.
      if (blocked) return;
      const done = state.effect === "COMPLETED";
      moves.step(`decider ${index} reads`, become({ next: "write", versionHolds: true, done }));
    } else if (blocked || (rules.decisionVersioned && !decider.versionHolds)) {
      moves.step(`decider ${index} is refused`, become(NEW_DECIDER));
    } else {
      const decision = decider.done ? "capture" : "cancel";
      moves.step(`decider ${index} decides: ${decision}`, { ...rest, decision });
    }
  });
}
