import { type Model, Moves } from "../explore.ts";
import { deciderMoves, orderMoves } from "./order.ts";
import type { EffectCheck, EffectRules, EffectScenario, EffectState } from "./state.ts";
import { tidyMoves } from "./tidy.ts";
import { killMoves, registryMoves, workerMoves } from "./worker.ts";

export const ALL_RULES: EffectRules = {
  sessionFence: true,
  sequence: true,
  loginFirst: true,
  replaced: "stops",
  askAfterLoss: true,
  takeOver: "same owner",
  end: "same owner",
  forget: "same owner",
  ownerFinishes: true,
  tidies: true,
  tidyAfterLogin: true,
  tidyBetweenTasks: true,
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
      owners: [],
      attempt: 0,
      stopped: false,
      completed: false,
      openInOrder: false,
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
      tidyMoves(rules, state, moves);
      killMoves(state, moves);
      registryMoves(rules, state, moves);
      deciderMoves(rules, state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: ({ performed }) => (performed > 1 ? ["TWICE registry performed the command twice"] : []),
    brokenAtRest,
  };
}

/** A registry that cannot tell what happened is not in this model: such an effect stays open, alarmed, for a human. */
function brokenAtRest(state: EffectState): EffectCheck[] {
  const broken: EffectCheck[] = [];
  const isOpen = state.effect === "begun";
  if (isOpen) broken.push("HANG effect open for ever");
  if (!isOpen && state.decision === "none") broken.push("HANG charge never decided");
  const done = state.performed > 0;
  if (state.decision !== "none" && (state.decision === "capture") !== done) {
    broken.push("P7 captured set differs from the items done");
  }
  return broken;
}
