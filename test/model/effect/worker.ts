// Who moves here: the activity worker of each attempt, and the registry that gets its commands.
import { type Moves, replaced, without } from "../explore.ts";
import {
  type EffectCheck,
  type EffectRules,
  type EffectState,
  isTokenAlive,
  NEW_DECIDER,
  type Worker,
} from "./state.ts";

type EffectMoves = Moves<EffectState, EffectCheck>;

export function workerMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.workers.forEach((worker, index) => {
    const attempt = index + 1;
    if (worker.killed || worker.next === "nothing") return;
    if (worker.next !== "answer") {
      moves.step(`w${attempt}: ${worker.next}`, act(rules, state, attempt, worker));
    }
    if (state.budget.kills > 0) {
      const kills = state.budget.kills - 1;
      const killed = { ...state, budget: { ...state.budget, kills } };
      moves.fault(`w${attempt} is killed before ${worker.next}`, withWorker(killed, attempt, { killed: true }));
    }
  });
}

function act(rules: EffectRules, state: EffectState, attempt: number, worker: Worker): EffectState {
  const goTo = (to: EffectState, next: Worker["next"], seenOwner = worker.seenOwner) =>
    withWorker(to, attempt, { next, seenOwner });
  const shutOut = rules.sessionFence && rules.loginFirst && state.session !== attempt;
  const isOwner = state.effect === "begun" && state.owner === attempt;
  const ownsWhatItSaw = state.effect === "begun" && state.owner === worker.seenOwner;
  switch (worker.next) {
    case "login":
      return goTo({ ...state, session: attempt }, rules.loginFirst ? "begin" : "send");
    case "begin":
      return begin(rules, state, attempt);
    case "find":
      if (shutOut) return goTo(state, "lost");
      return goTo(state, state.performed > 0 ? "end" : "takeover");
    case "takeover":
      if (rules.takeoverByCas && !ownsWhatItSaw) return goTo(state, "lost");
      return goTo({ ...state, effect: "begun", owner: attempt }, beforeSend(rules), attempt);
    case "send":
      return goTo({ ...state, inFlight: [...state.inFlight, attempt].sort() }, "answer");
    case "end":
      if (rules.takeoverByCas && !ownsWhatItSaw) return goTo(state, "lost");
      return goTo(endEffect(state), "complete");
    case "complete":
      return goTo(isTokenAlive(state, attempt) ? complete(state) : state, "nothing");
    case "lost":
      if (isOwner && !rules.askAfterReconnect) return goTo({ ...state, session: attempt }, "send");
      if (isTokenAlive(state, attempt) || (isOwner && rules.ownerFinishes)) return goTo(state, firstStep(rules));
      return goTo(state, "nothing");
    case "answer":
    case "nothing":
      return state;
  }
}

export const firstStep = (rules: EffectRules): Worker["next"] => (rules.loginFirst ? "login" : "begin");
const beforeSend = (rules: EffectRules): Worker["next"] => (rules.loginFirst ? "send" : "login");

/** One transaction: the effect is absent and the charge undecided. What stands there otherwise says what to do. */
function begin(rules: EffectRules, state: EffectState, attempt: number): EffectState {
  if (state.effect === "ended") return withWorker(state, attempt, { next: "complete" });
  if (state.effect === "begun") return withWorker(state, attempt, { next: "find", seenOwner: state.owner });
  if (rules.beginUndecided && state.decision !== "none") return withWorker(state, attempt, { next: "complete" });
  const begun: EffectState = { ...state, effect: "begun", owner: attempt };
  const counted = { ...begun, openEffects: state.openEffects + 1, version: state.version + 1 };
  return withWorker(counted, attempt, { next: beforeSend(rules), seenOwner: attempt });
}

const endEffect = (state: EffectState): EffectState => ({
  ...state,
  effect: "ended",
  openEffects: state.openEffects - 1,
  version: state.version + 1,
});

/** The order goes on to finish-order. */
const complete = (state: EffectState): EffectState => ({
  ...state,
  completed: true,
  deciders: [...state.deciders, NEW_DECIDER],
});

function withWorker(state: EffectState, attempt: number, change: Partial<Worker>): EffectState {
  const worker = state.workers[attempt - 1];
  if (!worker) throw new Error(`no worker ${attempt} in this model`);
  return { ...state, workers: replaced(state.workers, attempt - 1, { ...worker, ...change }) };
}

export function registryMoves(rules: EffectRules, state: EffectState, moves: EffectMoves): void {
  state.inFlight.forEach((attempt, index) => {
    const taken = { ...state, inFlight: without(state.inFlight, index) };
    const waiting = state.workers[attempt - 1]?.killed === false;
    const answered = (to: EffectState, next: Worker["next"]) => (waiting ? withWorker(to, attempt, { next }) : to);
    if (rules.sessionFence && state.session !== attempt) {
      moves.step(`registry refuses w${attempt}, whose session is closed`, answered(taken, "lost"));
      return;
    }
    const broken: EffectCheck[] = state.decision === "none" ? [] : ["UNPAID done after the charge was decided"];
    const performed = { ...taken, performed: state.performed + 1 };
    moves.step(`registry performs the command of w${attempt}`, answered(performed, "end"), broken);
    if (waiting && state.budget.lostAnswers > 0) {
      const budget = { ...state.budget, lostAnswers: state.budget.lostAnswers - 1 };
      const lost = answered({ ...performed, budget }, "lost");
      moves.fault(`registry performs the command of w${attempt}, the answer is lost`, lost, broken);
    }
  });
}
