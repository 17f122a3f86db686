import { type Model, Moves } from "../explore.ts";
import { deciderMoves, orderMoves } from "./order.ts";
import type { EffectCheck, EffectRules, EffectScenario, EffectState } from "./state.ts";
import { registryMoves, workerMoves } from "./worker.ts";

export const ALL_RULES: EffectRules = {
  sessionFence: true,
  loginFirst: true,
  askAfterReconnect: true,
  takeoverByCas: true,
  ownerFinishes: true,
  decisionWaits: true,
  decisionVersioned: true,
  versionReadFirst: true,
  beginUndecided: true,
};

export function effect(rules: EffectRules, scenario: EffectScenario): Model<EffectState, EffectCheck> {
  return {
    initial: {
      budget: scenario,
      workers: [],
      effect: "absent",
      owner: 0,
      stopped: false,
      completed: false,
      openEffects: 0,
      version: 0,
      decision: "none",
      deciders: [],
      session: 0,
      inFlight: [],
      performed: 0,
    },
    moves(state) {
      const moves = new Moves<EffectState, EffectCheck>();
      orderMoves(rules, state, moves);
      workerMoves(rules, state, moves);
      registryMoves(rules, state, moves);
      deciderMoves(rules, state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: ({ performed }) => (performed > 1 ? ["TWICE registry performed the command twice"] : []),
    brokenAtRest,
  };
}

function brokenAtRest(state: EffectState): EffectCheck[] {
  const broken: EffectCheck[] = [];
  const isOpen = state.effect === "begun";
  // An owner that was killed, with nobody left to follow it, leaves an effect that is UNKNOWN: alarmed, for a human.
  if (isOpen && state.workers[state.owner - 1]?.killed === false)
    broken.push("HANG effect open, its owner alive but idle");
  if (!isOpen && state.decision === "none") broken.push("HANG charge never decided");
  const done = state.performed > 0;
  if (state.decision !== "none" && (state.decision === "capture") !== done) {
    broken.push("P7 captured set differs from the items done");
  }
  return broken;
}
