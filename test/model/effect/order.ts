// Who moves here: Step Functions, which starts attempts; the operator, who stops the order; and the two that decide the charge.
import { type Moves, replaced } from "../explore.ts";
import { withWorker } from "./changes.ts";
import {
  type Decider,
  type EffectCheck,
  type EffectRules,
  type EffectState,
  NEW_DECIDER,
  NOT_TIDYING,
} from "./state.ts";
import { firstStep } from "./worker.ts";

type EffectMoves = Moves<EffectState, EffectCheck>;

export function orderMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  if (state.stopped || state.completed) return;
  const { budget } = state;
  const current = state.workers.find(({ attempt }) => attempt > 0 && attempt === state.attempt);
  const stopped: EffectState = { ...state, stopped: true, deciders: [...state.deciders, NEW_DECIDER] };
  if (current === undefined || current.gone) {
    if (budget.attempts > 0) attemptMoves(rules, state, (label, next) => moves.step(label, next));
    else moves.step("out of attempts, the order fails", stopped);
  } else if (budget.attempts > 0 && budget.zombies > 0) {
    const timedOut = { ...state, budget: { ...budget, zombies: budget.zombies - 1 } };
    attemptMoves(rules, timedOut, (label, next) =>
      moves.fault(`heartbeat times out though the worker lives, ${label}`, next),
    );
  }
  if (budget.stops > 0) {
    moves.fault("order stopped", { ...stopped, budget: { ...budget, stops: budget.stops - 1 } });
  }
}

/** A new session takes the attempt, or one that has no task. */
function attemptMoves(rules: EffectRules, state: EffectState, move: (label: string, next: EffectState) => void): void {
  const attempt = state.attempt + 1;
  const started = { ...state, attempt, budget: { ...state.budget, attempts: state.budget.attempts - 1 } };
  const worker = { attempt, next: firstStep(rules), seenOwner: 0, tidying: NOT_TIDYING, gone: false };
  move("an attempt starts", { ...started, workers: [...state.workers, worker] });
  state.workers.forEach(({ gone, next, tidying }, index) => {
    if (gone || next !== "idle" || tidying.next !== "nothing") return;
    move(
      `w${index + 1} takes another attempt`,
      withWorker(started, index + 1, { attempt, next: "begin", seenOwner: 0 }),
    );
  });
}

export function deciderMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.deciders.forEach((decider, index) => {
    if (decider.next === "nothing") return;
    const blocked = rules.decisionWaits && state.openInOrder;
    // It goes back to its queue, and nothing changes until the effect has ended.
    if (blocked && decider.next === firstRead(rules)) return;
    const become = (to: EffectState, change: Partial<Decider>) => ({
      ...to,
      deciders: replaced(to.deciders, index, { ...decider, ...change }),
    });
    const label = `decider ${index}: ${decider.next}`;
    if (decider.next === "read version") {
      const next = rules.versionReadFirst ? "read results" : "write";
      moves.step(label, become(state, { versionHolds: true, next }));
    } else if (decider.next === "read results") {
      const next = rules.versionReadFirst ? "write" : "read version";
      moves.step(label, become(state, { itemDone: state.effect === "ended", next }));
    } else if (state.decision !== "none") {
      moves.step(`${label} finds it decided`, become(state, { ...NEW_DECIDER, next: "nothing" }));
    } else if (blocked || (rules.decisionVersioned && !decider.versionHolds)) {
      moves.step(`${label} is refused`, become(state, { ...NEW_DECIDER, next: firstRead(rules) }));
    } else {
      const decision = decider.itemDone ? "capture" : "cancel";
      moves.step(`${label}: ${decision}`, become({ ...state, decision }, { ...NEW_DECIDER, next: "nothing" }));
    }
  });
}

const firstRead = (rules: EffectRules): Decider["next"] => (rules.versionReadFirst ? "read version" : "read results");
