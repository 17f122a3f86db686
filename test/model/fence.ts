// Model F: the status events of one execution reach its row in any order, through redrives. Where an event says
// nothing of redriveCount, the mirror may fill the gap in several ways; only those that keep status and count together hold.
import { type Model, Moves, without } from "./explore.ts";

export type FenceCheck = "P5 row differs from the execution's end";

export interface FenceRules {
  /** Where status and redriveCount come from. "mixed": the status from the event, the count from DescribeExecution. */
  readonly source: "event" | "event without count" | "mixed" | "described";
  /** A write needs a greater fence than the row's; otherwise the last write wins. */
  readonly fenced: boolean;
}

type Status = "RUNNING" | "FAILED" | "SUCCEEDED";

interface Fact {
  readonly status: Status;
  readonly redrives: number;
}

export interface FenceState {
  /** How much of its history the execution has lived. */
  readonly lived: number;
  readonly pending: readonly Fact[];
  readonly repeats: number;
  readonly row: { readonly status: Status | null; readonly fence: number };
}

/** Runs and fails until the last redrive succeeds; `repeats` of its events are delivered once more. */
export function fence(
  rules: FenceRules,
  { redrives, repeats }: { redrives: number; repeats: number },
): Model<FenceState, FenceCheck> {
  const history: readonly Fact[] = Array.from({ length: redrives + 1 }, (_, count): Fact[] => [
    { status: "RUNNING", redrives: count },
    { status: count === redrives ? "SUCCEEDED" : "FAILED", redrives: count },
  ]).flat();
  return {
    initial: { lived: 0, pending: [], repeats, row: { status: null, fence: -1 } },
    moves(state) {
      const moves = new Moves<FenceState, FenceCheck>();
      const following = history[state.lived];
      if (following) {
        const pending = [...state.pending, following];
        moves.step(`execution ${following.status} of redrive ${following.redrives}`, {
          ...state,
          lived: state.lived + 1,
          pending,
        });
      }
      state.pending.forEach((event, index) => {
        const now = history[state.lived - 1] ?? event;
        const label = `mirror applies ${event.status} of redrive ${event.redrives}`;
        const applied = apply(rules, state, event, now);
        moves.step(label, { ...applied, pending: without(state.pending, index) });
        if (state.repeats > 0) moves.fault(`${label}, which repeats`, { ...applied, repeats: state.repeats - 1 });
      });
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: () => [],
    brokenAtRest: ({ row }) => (row.status === "SUCCEEDED" ? [] : ["P5 row differs from the execution's end"]),
  };
}

function apply(rules: FenceRules, state: FenceState, event: Fact, now: Fact): FenceState {
  const { status, redrives } = factFrom(rules.source, event, now);
  const fenceNumber = redrives * 8 + (status === "RUNNING" ? 1 : 7);
  if (rules.fenced && fenceNumber <= state.row.fence) return state;
  return { ...state, row: { status, fence: fenceNumber } };
}

function factFrom(source: FenceRules["source"], event: Fact, now: Fact): Fact {
  switch (source) {
    case "event":
      return event;
    case "event without count":
      return { status: event.status, redrives: 0 };
    case "mixed":
      return { status: event.status, redrives: now.redrives };
    case "described":
      return now;
  }
}
