// Who moves here: the worker sessions with their tasks, and the registry that gets their commands.
import { type Moves, without } from "../explore.ts";
import { allows, beginEffect, complete, endEffect, forgetEffect, gone, idle, takeOver, withWorker } from "./changes.ts";
import {
  type EffectCheck,
  type EffectRules,
  type EffectState,
  isTokenAlive,
  NOT_TIDYING,
  type Worker,
} from "./state.ts";

type EffectMoves = Moves<EffectState, EffectCheck>;

export function workerMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.workers.forEach((worker, index) => {
    const self = index + 1;
    if (worker.gone || worker.tidying.next !== "nothing") return;
    const { budget } = state;
    if (worker.next !== "answer" && worker.next !== "idle") {
      moves.step(`w${self}: ${worker.next}`, act(rules, state, self, worker));
    }
    if ((worker.next === "answer" || worker.next === "ask") && budget.lostAnswers > 0) {
      const lost = { ...state, budget: { ...budget, lostAnswers: budget.lostAnswers - 1 } };
      const next = worker.next === "ask" ? "fail" : rules.askAfterLoss ? "ask" : "send";
      moves.fault(`w${self} hears nothing`, withWorker(lost, self, { next }));
    }
    if (worker.next === "fail" && isTokenAlive(state, worker)) {
      moves.fault(`w${self} fails its task for the last time`, complete(idle(state, self)));
    }
  });
}

export function killMoves(state: EffectState, moves: EffectMoves): void {
  if (state.budget.kills === 0) return;
  state.workers.forEach((worker, index) => {
    if (worker.gone) return;
    const { next, tidying } = worker;
    const killed = { ...state, budget: { ...state.budget, kills: state.budget.kills - 1 } };
    const before = tidying.next === "nothing" ? next : `it tidies: ${tidying.next}`;
    moves.fault(`w${index + 1} is killed before ${before}`, gone(killed, index + 1));
  });
}

function act(rules: EffectRules, state: EffectState, self: number, worker: Worker): EffectState {
  const { seenOwner } = worker;
  const goTo = (to: EffectState, next: Worker["next"], seen = seenOwner) =>
    withWorker(to, self, { next, seenOwner: seen });
  switch (worker.next) {
    case "login":
      return goTo({ ...state, session: self }, worker.attempt === 0 ? "idle" : rules.loginFirst ? "begin" : "send");
    case "begin":
      return begin(rules, state, self);
    case "find": {
      if (rules.loginFirst && isShutOut(rules, state, self)) return stopReplaced(rules, state, self);
      const asked = rules.loginFirst ? afterRequest(rules, state, self) : state;
      return goTo(asked, state.performed > 0 ? "end" : "takeover");
    }
    case "takeover":
      if (!allows(rules.takeOver, state, seenOwner)) return goTo(state, "fail");
      return goTo(takeOver(state, self), beforeSend(rules), self);
    case "send":
      return goTo({ ...state, inFlight: [...state.inFlight, self].sort() }, "answer");
    case "ask":
      if (isShutOut(rules, state, self)) return stopReplaced(rules, state, self);
      return goTo(afterRequest(rules, state, self), state.performed > 0 ? "end" : "forget");
    case "end":
      if (!allows(rules.end, state, seenOwner)) return goTo(state, "fail");
      return goTo(endEffect(state), "complete");
    case "forget":
      return goTo(allows(rules.forget, state, seenOwner) ? forgetEffect(state) : state, "fail");
    case "complete":
      return idle(isTokenAlive(state, worker) ? complete(state) : state, self);
    case "fail": {
      // Step Functions tries the task again, which the same worker may get; a dead token is tried again by nobody.
      const mine = state.effect === "begun" && state.owner === self && rules.ownerFinishes;
      return isTokenAlive(state, worker) || mine ? goTo(state, "begin", 0) : idle(state, self);
    }
    case "answer":
    case "idle":
      return state;
  }
}

export const firstStep = (rules: EffectRules): Worker["next"] => (rules.loginFirst ? "login" : "begin");
const beforeSend = (rules: EffectRules): Worker["next"] => (rules.loginFirst ? "send" : "login");

/** One transaction: the effect is absent and the charge undecided. What stands there otherwise says what to do. */
function begin(rules: EffectRules, state: EffectState, self: number): EffectState {
  if (state.effect === "ended") return withWorker(state, self, { next: "complete" });
  if (state.effect === "begun") return withWorker(state, self, { next: "find", seenOwner: state.owner });
  if (rules.beginUndecided && state.decision !== "none") return withWorker(state, self, { next: "complete" });
  return withWorker(beginEffect(state, self), self, { next: beforeSend(rules), seenOwner: self });
}

export const isShutOut = (rules: EffectRules, state: EffectState, self: number): boolean =>
  rules.sessionFence && state.session !== self;

/** What a session still had under way is refused when it arrives after this request. */
export function afterRequest(rules: EffectRules, state: EffectState, self: number): EffectState {
  if (!rules.sequence) return state;
  const refused = dropped(state, self);
  return isWaiting(state, self) ? withWorker(refused, self, { next: "ask" }) : refused;
}

const dropped = (state: EffectState, self: number): EffectState => ({
  ...state,
  inFlight: state.inFlight.filter((session) => session !== self),
});

function isWaiting(state: EffectState, self: number): boolean {
  const worker = state.workers[self - 1];
  return worker?.gone === false && worker.next === "answer";
}

/** It hears that its session was closed. */
export function stopReplaced(rules: EffectRules, state: EffectState, self: number): EffectState {
  const { relogins } = state.budget;
  if (rules.replaced === "stops" || relogins === 0) return gone(state, self);
  // Under a new session: what the closed one had under way stays refused.
  const again = { ...dropped(state, self), session: self, budget: { ...state.budget, relogins: relogins - 1 } };
  const repeats = rules.replaced === "repeats" && state.effect === "begun" && state.owner === self;
  return withWorker(again, self, { next: repeats ? "send" : "fail", tidying: NOT_TIDYING });
}

export function registryMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.inFlight.forEach((self, index) => {
    const taken = { ...state, inFlight: without(state.inFlight, index) };
    const waiting = isWaiting(state, self);
    if (isShutOut(rules, state, self)) {
      moves.step(
        `registry refuses w${self}, whose session is closed`,
        waiting ? stopReplaced(rules, taken, self) : taken,
      );
      return;
    }
    const broken: EffectCheck[] = state.decision === "none" ? [] : ["UNPAID done after the charge was decided"];
    const performed = { ...taken, performed: state.performed + 1 };
    const answered = waiting ? withWorker(performed, self, { next: "end" }) : performed;
    moves.step(`registry performs the command of w${self}`, answered, broken);
  });
}
