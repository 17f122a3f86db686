// Who moves here: the legacy consumer, observe, which reads the stream of its table, and reconcile.
import { type Moves, replaced, without } from "../explore.ts";
import { complete, endEffect, forgetEffect, isOutcome, sendCopy, spend } from "./changes.ts";
import type { DelegationCheck, DelegationRules, DelegationState, Observer, Outcome } from "./state.ts";

type DelegationMoves = Moves<DelegationState, DelegationCheck>;

export function legacyMoves(state: DelegationState, moves: DelegationMoves): void {
  const { budget } = state;
  if (state.working) {
    for (const row of ["COMPLETED", "FAILED"] as const) {
      const ended = { ...state, working: false, row, records: [...state.records, row] };
      moves.step(`legacy ends, row ${row}`, ended);
      if (budget.legacyRepeats > 0) {
        const again = { ...spend(ended, "legacyRepeats"), queued: state.queued + 1 };
        moves.fault(`legacy ends, row ${row}, and dies before it acknowledges`, again);
      }
    }
  } else if (state.queued > 0) {
    const unpaid: DelegationCheck[] = state.decision === "none" ? [] : ["UNPAID legacy work began after the decision"];
    // A repeat by the consumer itself may come at any time: what it does then is its own.
    const first = state.row === "RECEIVED" ? unpaid : [];
    moves.step("legacy begins", { ...state, queued: state.queued - 1, working: true, row: "PROCESSING" }, first);
  }
  if (budget.windows > 0 && state.remembered) {
    moves.fault("the forward queue forgets", { ...spend(state, "windows"), remembered: false });
  }
}

export function observeMoves(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  const [row, ...records] = state.records;
  if (row !== undefined && !state.observers.some(({ by }) => by === "observe")) {
    const started = { ...state, observers: [...state.observers, observer(rules, "observe", row)] };
    // A record stays until observe has come through: it repeats where observe dies.
    moves.step(`observe gets ${row}`, started);
    if (state.budget.lostRecords > 0) moves.fault(`record ${row} is lost`, { ...spend(state, "lostRecords"), records });
  }
  state.observers.forEach((observing, index) => {
    const { by } = observing;
    const [said, next, left] = step(rules, state, observing);
    const label = `${by}: ${observing.next}${said}`;
    if (left !== null) {
      moves.step(label, { ...next, observers: replaced(next.observers, index, left) });
    } else {
      const ended = { ...next, observers: without(next.observers, index) };
      const acknowledged = by === "observe" ? { ...ended, records } : ended;
      moves.step(label, acknowledged);
      if (by === "observe" && state.budget.repeatedRecords > 0) {
        moves.fault(`${label}, and the record repeats`, spend(ended, "repeatedRecords"));
      }
    }
    if (state.budget.crashes > 0) {
      const dead = { ...spend(state, "crashes"), observers: without(state.observers, index) };
      moves.fault(`${by} dies before ${observing.next}`, dead);
    }
  });
}

const observer = (rules: DelegationRules, by: Observer["by"], row: Outcome): Observer => ({
  next: rules.outcomeFirst ? "end" : "token",
  by,
  row,
  token: 0,
});

function step(
  rules: DelegationRules,
  state: DelegationState,
  observing: Observer,
): readonly [said: string, next: DelegationState, left: Observer | null] {
  const { row, token } = observing;
  const goTo = (next: Observer["next"], seen = token): Observer => ({ ...observing, next, token: seen });
  const toToken = rules.observeCompletes ? goTo("token") : null;
  switch (observing.next) {
    case "end":
      if (state.effect === "absent") return [", none of the bridge's", state, null];
      return ["", endEffect(state, row), rules.outcomeFirst ? toToken : token > 0 ? goTo("complete") : null];
    case "token": {
      const next = rules.outcomeFirst ? "complete" : "end";
      if (state.token === 0 && rules.outcomeFirst) return [", none", state, null];
      return [` ${state.token}`, state, goTo(next, state.token)];
    }
    case "complete": {
      const recorded = isOutcome(state.effect) ? state.effect : row;
      const outcome = rules.recordedOutcome ? recorded : row;
      return [` ${token}`, complete(state, token, outcome), goTo("remove")];
    }
    case "remove":
      return ["", rules.removeSame && state.token !== token ? state : { ...state, token: 0 }, null];
  }
}

/** Reconcile looks at what is open beyond its bound: no record is on its way, and no Lambda at work. */
export function reconcileMoves(rules: DelegationRules, state: DelegationState, moves: DelegationMoves): void {
  const { row, effect } = state;
  const idle = state.observers.length === 0 && state.records.length === 0 && state.lambdas.length === 0;
  if (idle && isOutcome(row)) {
    const missed = rules.reconcileRows && effect === "begun";
    const left = rules.reconcileTokens && isOutcome(effect) && state.token > 0;
    if (missed || left) {
      moves.step("reconcile reads the row", { ...state, observers: [observer(rules, "reconcile", row)] });
    }
  }
  if (state.sender === null) {
    const stuck = effect === "begun" && !state.marked && state.row === "RECEIVED";
    if (rules.reconcileUnmarked === "nothing" || !stuck || state.lambdas.length > 0) return;
    moves.step("reconcile finds work that is not marked", { ...state, sender: "look" });
    return;
  }
  const [next, then] = senderStep(rules, state, state.sender);
  moves.step(`reconcile: ${state.sender}`, { ...next, sender: then });
  if (state.budget.crashes > 0) {
    moves.fault(`reconcile dies before ${state.sender}`, { ...spend(state, "crashes"), sender: null });
  }
}

function senderStep(
  rules: DelegationRules,
  state: DelegationState,
  sender: NonNullable<DelegationState["sender"]>,
): readonly [DelegationState, DelegationState["sender"]] {
  switch (sender) {
    case "look":
      if (state.row !== "RECEIVED") return [state, "mark"];
      return [state, rules.reconcileUnmarked === "forget" ? "forget" : "send"];
    case "send":
      return [sendCopy(rules, state), "mark"];
    case "mark":
      return [{ ...state, marked: true }, null];
    case "forget":
      return [state.effect === "begun" && !state.marked ? forgetEffect(state) : state, null];
  }
}
