// Who moves here: finish-order, settle and the mirror, which decide the charge and end row, claim and pin entry; and
// reconcile, which settles an end whose event came to nothing.
import { type Moves, replaced, without } from "../explore.ts";
import { executionEnds, mayWrite, releasePin, spend } from "./changes.ts";
import { type Ending, newEnding, type RedriveCheck, type RedriveRules, type RedriveState } from "./state.ts";

type RedriveMoves = Moves<RedriveState, RedriveCheck>;

export function endingMoves(rules: RedriveRules, state: RedriveState, moves: RedriveMoves): void {
  const settling = state.endings.some(({ by }) => by !== "finish");
  // What settle may not write stays as it is until somebody redrives: reconcile then looks in vain.
  if (state.execution !== "RUNNING" && !state.claim.ended && !settling && mayEnd(rules, state)) {
    const again = newEnding(state.execution === "ENDED" ? "settle" : "mirror", "describe", state.redrives);
    moves.step("reconcile finds the claim in flight", { ...state, endings: [...state.endings, again] });
  }
  state.endings.forEach((ending, index) => {
    const step = stepOf(rules, state, ending);
    if (step === null) return;
    const { said = "", next = state, left = null, broken = [] } = step;
    const endings = left === null ? without(next.endings, index) : replaced(next.endings, index, left);
    moves.step(`${ending.by} ${ending.redrive}: ${ending.next}${said}`, { ...next, endings }, broken);
    if (ending.next === "describe" && state.budget.repeatedEvents > 0) {
      const twice = spend({ ...state, endings: [...state.endings, ending] }, "repeatedEvents");
      moves.fault(`event of redrive ${ending.redrive} repeats`, twice);
    }
  });
}

/** What a step says of itself, the state after it, and what is left to do: nothing, where it has come to its end. */
interface Step {
  readonly said?: string;
  readonly next?: RedriveState;
  readonly left?: Ending;
  readonly broken?: readonly RedriveCheck[];
}

/** What was decided for an earlier generation is decided again, as it stands: from then on it is this one's. */
const isDecided = (rules: RedriveRules, { record }: RedriveState, redrive: number): boolean =>
  record.decision !== "undecided" && !(rules.decisionRaises && record.generation < redrive);

const mayEnd = (rules: RedriveRules, { redrives, claim, record }: RedriveState): boolean =>
  mayWrite(rules.endAt, redrives, claim.generation) && mayWrite(rules.decideAt, redrives, record.generation);

/** Null while it waits for an open effect. */
function stepOf(rules: RedriveRules, state: RedriveState, ending: Ending): Step | null {
  const { by, redrive } = ending;
  const { record, claim, effect } = state;
  const done = effect === "ended";
  const afterDecision = by === "finish" ? "return" : "row";
  switch (ending.next) {
    case "describe":
      if (state.execution !== (by === "settle" ? "ENDED" : "SUCCEEDED")) return { said: ", none of its business" };
      // The mirror takes what finish-order returned, which is what was done.
      return { left: { ...ending, next: by === "settle" ? "read" : "row", redrive: state.redrives, done } };
    case "read": {
      if (effect === "begun") return null;
      if (!mayWrite(rules.decideAt, redrive, record.generation)) {
        // finish-order that is refused fails its order.
        return { said: ", stale", next: isWaitedFor(state, ending) ? executionEnds(state) : state };
      }
      const next = isDecided(rules, state, redrive) ? afterDecision : "decide";
      return { left: { ...ending, next, versionHolds: true, done } };
    }
    case "decide": {
      const changed = effect === "begun" || (rules.decisionVersioned && !ending.versionHolds);
      if (changed || isDecided(rules, state, redrive)) return { said: ", refused", left: { ...ending, next: "read" } };
      const wanted = !state.budget.payment ? "nothing" : ending.done ? "capture" : "cancel";
      const decision = record.decision === "undecided" ? wanted : record.decision;
      const generation = rules.decisionRaises ? Math.max(record.generation, redrive) : record.generation;
      const next: RedriveState = { ...state, record: { generation, decision } };
      const left: Ending = { ...ending, next: afterDecision };
      return { said: `: ${decision}`, next, left, broken: staleDecision(state, ending) };
    }
    case "return":
      return { next: isWaitedFor(state, ending) ? succeeded(state) : state };
    case "row": {
      const fence = redrive * 8 + 7;
      const row = fence > state.row.fence ? { fence, done: ending.done } : state.row;
      return { next: { ...state, row }, left: { ...ending, next: "claim" } };
    }
    case "claim": {
      const left: Ending = { ...ending, next: "pin" };
      const before = claim.ended && claim.generation >= redrive;
      if (before || !mayWrite(rules.endAt, redrive, claim.generation)) return { said: ", refused", left };
      const generation = Math.max(claim.generation, redrive);
      return { next: { ...state, claim: { generation, ended: true } }, left };
    }
    case "pin":
      return { next: releasePin(state, redrive) };
  }
}

const isWaitedFor = ({ execution, redrives }: RedriveState, { by, redrive }: Ending): boolean =>
  by === "finish" && execution === "RUNNING" && redrives === redrive;

const succeeded = (state: RedriveState): RedriveState => ({
  ...state,
  execution: "SUCCEEDED",
  endings: [...state.endings, newEnding("mirror", "describe", state.redrives)],
});

/** An order that the command has moved on must not be settled for an end before. */
function staleDecision({ record }: RedriveState, { redrive }: Ending): RedriveCheck[] {
  return redrive < record.generation ? ["STALE settled for an order that was redriven"] : [];
}
