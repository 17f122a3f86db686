// The writes to the effect's record and to its order's record, each one transaction, and small changes to the state.
import { replaced } from "../explore.ts";
import { type Condition, type EffectState, NEW_DECIDER, NOT_TIDYING, type Worker } from "./state.ts";

export function withWorker(state: EffectState, self: number, change: Partial<Worker>): EffectState {
  const worker = state.workers[self - 1];
  if (!worker) throw new Error(`no session ${self} in this model`);
  return { ...state, workers: replaced(state.workers, self - 1, { ...worker, ...change }) };
}

/** What a session was about does not matter any more once it is gone. */
export const gone = (state: EffectState, self: number): EffectState =>
  withWorker(state, self, { next: "idle", seenOwner: 0, tidying: NOT_TIDYING, gone: true });

export const idle = (state: EffectState, self: number): EffectState =>
  withWorker(state, self, { next: "idle", seenOwner: 0 });

export const beginEffect = (state: EffectState, owner: number): EffectState => ({
  ...withVersionRaised(takeOver(state, owner)),
  openInOrder: true,
});

/** Only begin and the end of the effect touch the order's record. */
export const takeOver = (state: EffectState, owner: number): EffectState => ({
  ...state,
  effect: state.effect === "absent" ? "begun" : state.effect,
  owner,
  owners: state.owners.includes(owner) ? state.owners : [...state.owners, owner].sort(),
});

export const endEffect = (state: EffectState): EffectState => ({ ...closed(state), effect: "ended" });
export const forgetEffect = (state: EffectState): EffectState => ({ ...closed(state), effect: "absent", owner: 0 });

const closed = (state: EffectState): EffectState => ({ ...withVersionRaised(state), openInOrder: false });

const withVersionRaised = (state: EffectState): EffectState => ({
  ...state,
  deciders: state.deciders.map((decider) => ({ ...decider, versionHolds: false })),
});

/** Whether a write goes through that was meant for the open effect of `seen`. */
export const allows = (condition: Condition, { effect, owner }: EffectState, seen: number): boolean =>
  condition === "none" || (effect === "begun" && (condition === "open" || owner === seen));

/** The order goes on to finish-order. */
export const complete = (state: EffectState): EffectState => ({
  ...state,
  completed: true,
  deciders: [...state.deciders, NEW_DECIDER],
});
