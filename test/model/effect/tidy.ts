// Who moves here: a worker session that has no task, and asks the registry about the effect that nobody works on.
import type { Moves } from "../explore.ts";
import { allows, endEffect, forgetEffect, withWorker } from "./changes.ts";
import {
  type EffectCheck,
  type EffectRules,
  type EffectState,
  NOT_TIDYING,
  type Tidying,
  type Worker,
} from "./state.ts";
import { afterRequest, isShutOut, stopReplaced } from "./worker.ts";

type EffectMoves = Moves<EffectState, EffectCheck>;

export function tidyMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  if (!rules.tidies) return;
  sessionMoves(rules, state, moves);
  state.workers.forEach((worker, index) => {
    const self = index + 1;
    if (worker.gone) return;
    if (worker.tidying.next === "nothing") listMoves(rules, state, self, worker, moves);
    else moves.step(`w${self} tidies: ${worker.tidying.next}`, tidy(rules, state, self, worker.tidying));
  });
}

/** Somebody sees to it that the service has a session; another one may start beside it. */
function sessionMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  const session: Worker = {
    attempt: 0,
    next: rules.tidyAfterLogin ? "login" : "idle",
    seenOwner: 0,
    tidying: NOT_TIDYING,
    gone: false,
  };
  const started = { ...state, workers: [...state.workers, session] };
  const { budget } = state;
  if (state.effect === "begun" && state.workers.every(({ gone }) => gone)) moves.step("a session starts", started);
  else if (budget.overlaps > 0) {
    const next = { ...started, budget: { ...budget, overlaps: budget.overlaps - 1 } };
    moves.fault("a session starts beside another", next);
  }
}

function listMoves(rules: EffectRules, state: EffectState, self: number, worker: Worker, moves: EffectMoves): void {
  const { effect, owner, owners, budget } = state;
  if (rules.tidyBetweenTasks ? worker.next !== "idle" : worker.next === "login") return;
  const listed = (to: EffectState, seen: number) => withWorker(to, self, { tidying: { next: "ask", owner: seen } });
  if (effect === "begun") moves.step(`w${self} lists the open effect`, listed(state, owner));
  if (budget.staleLists === 0) return;
  const stale = { ...state, budget: { ...budget, staleLists: budget.staleLists - 1 } };
  for (const earlier of owners) {
    if (effect === "begun" && earlier === owner) continue;
    moves.fault(`w${self} lists the effect as w${earlier} had it`, listed(stale, earlier));
  }
}

function tidy(rules: EffectRules, state: EffectState, self: number, { next, owner }: Tidying): EffectState {
  const goTo = (to: EffectState, tidying: Tidying) => withWorker(to, self, { tidying });
  switch (next) {
    case "ask":
      if (rules.tidyAfterLogin && isShutOut(rules, state, self)) return stopReplaced(rules, state, self);
      return goTo(afterRequest(rules, state, self), { next: state.performed > 0 ? "end" : "forget", owner });
    case "end":
      return goTo(allows(rules.end, state, owner) ? endEffect(state) : state, NOT_TIDYING);
    case "forget":
      return goTo(allows(rules.forget, state, owner) ? forgetEffect(state) : state, NOT_TIDYING);
    case "nothing":
      return state;
  }
}
