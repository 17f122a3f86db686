// Who moves here: Step Functions, which starts attempts; the operator, who stops the order; and the two that decide the charge.
import { type Moves, replaced } from "../explore.ts";
import { type Decider, type EffectCheck, type EffectRules, type EffectState, NEW_DECIDER } from "./state.ts";
import { firstStep } from "./worker.ts";

type EffectMoves = Moves<EffectState, EffectCheck>;

export function orderMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  if (state.stopped || state.completed) return;
  const { budget } = state;
  const current = state.workers.at(-1);
  const stopped: EffectState = { ...state, stopped: true, deciders: [...state.deciders, NEW_DECIDER] };
  const another: EffectState = {
    ...state,
    budget: { ...budget, attempts: budget.attempts - 1 },
    workers: [...state.workers, { next: firstStep(rules), seenOwner: 0, killed: false }],
  };
  if (current === undefined || current.killed) {
    if (budget.attempts > 0) moves.step("an attempt starts", another);
    else moves.step("out of attempts, the order fails", stopped);
  } else if (budget.attempts > 0 && budget.zombies > 0) {
    const next = { ...another, budget: { ...another.budget, zombies: budget.zombies - 1 } };
    moves.fault("heartbeat times out though the worker lives, an attempt starts", next);
  }
  if (budget.stops > 0) {
    moves.fault("order stopped", { ...stopped, budget: { ...budget, stops: budget.stops - 1 } });
  }
}

export function deciderMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.deciders.forEach((decider, index) => {
    if (decider.next === "nothing") return;
    const blocked = rules.decisionWaits && state.openEffects !== 0;
    // It goes back to its queue, and nothing changes until the effect has ended.
    if (blocked && decider.next === firstRead(rules)) return;
    const become = (to: EffectState, change: Partial<Decider>) => ({
      ...to,
      deciders: replaced(to.deciders, index, { ...decider, ...change }),
    });
    const label = `decider ${index}: ${decider.next}`;
    if (decider.next === "read version") {
      const next = rules.versionReadFirst ? "read results" : "write";
      moves.step(label, become(state, { version: state.version, next }));
    } else if (decider.next === "read results") {
      const next = rules.versionReadFirst ? "write" : "read version";
      moves.step(label, become(state, { itemDone: state.effect === "ended", next }));
    } else if (state.decision !== "none") {
      moves.step(`${label} finds it decided`, become(state, { ...NEW_DECIDER, next: "nothing" }));
    } else if (blocked || (rules.decisionVersioned && decider.version !== state.version)) {
      moves.step(`${label} is refused`, become(state, { ...NEW_DECIDER, next: firstRead(rules) }));
    } else {
      const decision = decider.itemDone ? "capture" : "cancel";
      moves.step(`${label}: ${decision}`, become({ ...state, decision }, { ...NEW_DECIDER, next: "nothing" }));
    }
  });
}

const firstRead = (rules: EffectRules): Decider["next"] => (rules.versionReadFirst ? "read version" : "read results");
