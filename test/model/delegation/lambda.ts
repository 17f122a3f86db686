// Who moves here: the Lambda that each attempt of the task invokes.
import { type Moves, replaced, without } from "../explore.ts";
import { actionEnds, attemptOver, beginEffect, complete, isOutcome, isWaitedFor, sendCopy, spend } from "./changes.ts";
import type { DelegationCheck, DelegationRules, DelegationState, Lambda } from "./state.ts";

type DelegationMoves = Moves<DelegationState, DelegationCheck>;

/** What a step says of itself, the state after it, and the Lambda after it: null where it has come to its end. */
type Step = readonly [said: string, next: DelegationState, lambda: Lambda | null];

export function lambdaMoves(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  state.lambdas.forEach((lambda, index) => {
    const after = (to: DelegationState, left: Lambda | null): DelegationState => ({
      ...to,
      lambdas: left === null ? without(to.lambdas, index) : replaced(to.lambdas, index, left),
    });
    const [said, next, left] = stepOf(rules, state, lambda);
    moves.step(`Lambda ${lambda.attempt}: ${lambda.next}${said}`, after(next, left));
    if (state.budget.crashes === 0) return;
    // Step Functions hears of it, unless the attempt was over before.
    const dead = after(spend(state, "crashes"), null);
    const over = isWaitedFor(state, lambda.attempt) ? attemptOver(rules, dead) : dead;
    moves.fault(`Lambda ${lambda.attempt} dies before ${lambda.next}`, over);
  });
}

function stepOf(rules: DelegationRules, state: DelegationState, lambda: Lambda): Step {
  const { attempt, outcome } = lambda;
  const goTo = (next: Lambda["next"]): Lambda => ({ ...lambda, next });
  const last = rules.readAfterMark ? goTo("read") : null;
  switch (lambda.next) {
    case "begin":
      return begin(rules, state, lambda);
    case "token":
      if (keepsNewer(rules, state, attempt)) return [" is refused", state, null];
      return ["", { ...state, token: attempt }, afterToken(rules, lambda)];
    case "look":
      if (state.row === "RECEIVED") return [", the row is untouched", state, goTo("send")];
      return [", the legacy consumer has it", state, goTo("mark")];
    case "send":
      return ["", sendCopy(rules, state), rules.mark === "after" ? goTo("mark") : last];
    case "mark":
      return ["", { ...state, marked: true }, rules.mark === "before" ? goTo("send") : last];
    case "read":
      if (!isOutcome(state.effect)) return [", no outcome yet", state, null];
      return ["", state, { ...lambda, next: "complete", outcome: state.effect }];
    case "complete":
      return ["", outcome === null ? state : complete(state, attempt, outcome), null];
  }
}

/** One transaction, where the effect is not there yet; where it is, the token is written by itself. */
function begin(rules: DelegationRules, state: DelegationState, lambda: Lambda): Step {
  if (state.effect !== "absent") {
    const found = state.marked ? "marked" : "begun";
    return [` finds it ${found}`, state, { ...lambda, next: "token", found }];
  }
  if (rules.beginUndecided && state.decision !== "none") {
    return [" is refused", isWaitedFor(state, lambda.attempt) ? actionEnds(state, "REFUSED") : state, null];
  }
  const begun = beginEffect(state);
  if (!rules.tokenWithEffect) return ["", begun, { ...lambda, next: "token" }];
  return ["", { ...begun, token: lambda.attempt }, afterToken(rules, lambda)];
}

const keepsNewer = (rules: DelegationRules, { token }: DelegationState, attempt: number): boolean =>
  rules.newestToken && token > attempt;

function afterToken(rules: DelegationRules, lambda: Lambda): Lambda | null {
  const { found } = lambda;
  if ((found === "marked" && rules.mark !== "none") || (found !== "nothing" && rules.unmarked === "never send")) {
    return rules.readAfterMark ? { ...lambda, next: "read" } : null;
  }
  if (found !== "nothing" && rules.unmarked === "look first") return { ...lambda, next: "look" };
  return { ...lambda, next: rules.mark === "before" ? "mark" : "send" };
}
