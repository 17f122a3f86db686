// Small changes to the state that more than one actor makes.
import { type Comparison, newEnding, type RedriveScenario, type RedriveState } from "./state.ts";

export const spend = (state: RedriveState, what: Exclude<keyof RedriveScenario, "payment">): RedriveState => ({
  ...state,
  budget: { ...state.budget, [what]: state.budget[what] - 1 },
});

/** Begin and end of an effect, and the move to another generation, raise the version of the order's record. */
export const withVersionRaised = (state: RedriveState): RedriveState => ({
  ...state,
  endings: state.endings.map((ending) => ({ ...ending, versionHolds: false })),
});

/** An unsuccessful end, whose event settle receives. */
export const executionEnds = (state: RedriveState): RedriveState => ({
  ...state,
  execution: "ENDED",
  endings: [...state.endings, newEnding("settle", "describe", state.redrives)],
});

/** Step Functions runs again what did not succeed. */
export const redriven = (state: RedriveState, redrivenBy: "command" | "hand"): RedriveState => ({
  ...state,
  redrivenBy,
  execution: "RUNNING",
  redrives: state.redrives + 1,
  item: state.item === "busy" ? "todo" : state.item,
});

/** Whether somebody who speaks for this redrive of the execution may write what the ledger holds at `generation`. */
export const mayWrite = (comparison: Comparison, redrive: number, generation: number): boolean =>
  comparison === "any" || redrive === generation || (comparison === "not older" && redrive > generation);

export const isDrained = ({ claim }: RedriveState, entry: number): boolean =>
  claim.generation > entry || (claim.generation === entry && claim.ended);

/** The entries of earlier generations are drained by then. */
export const releasePin = (state: RedriveState, entry: number): RedriveState =>
  state.pin.path === "legacy"
    ? state
    : { ...state, pin: { ...state.pin, entries: state.pin.entries.filter((open) => open > entry) } };
