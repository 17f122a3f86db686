// Who moves here: the mirror (status events into rows), reconcile (when events were lost), and observe (pins and repairs).
import { type Moves, without } from "../explore.ts";
import {
  fenceOf,
  generationOf,
  isBusy,
  isTerminal,
  pinWithout,
  requestAt,
  rowStatusOf,
  sameEvent,
  spend,
  withRequest,
  withRow,
} from "./changes.ts";
import type { CrossingCheck, CrossingState, RequestState, Row, Setting, StatusEvent } from "./state.ts";

export function mirrorMoves(setting: Setting, state: CrossingState, moves: Moves<CrossingState, CrossingCheck>): void {
  state.events.forEach((event, index) => {
    if (!sameEvent(event, state.events[index - 1])) eventMoves(state, event, index, moves);
  });
  state.requests.forEach((request, index) => {
    if (request.rowNeedsRepair) {
      const repaired = withRequest(state, index, { rowNeedsRepair: false });
      moves.step(`observe restores the row of r${index}`, mirrored(repaired, index));
    }
    if (state.events.length === 0 && isStale(request)) {
      moves.step(`reconcile mirrors r${index}`, mirrored(state, index));
    }
    // Where a pin waits for effects, the worker's own end shows the ending again.
    if (setting.rules.workPin && isBusy(state, index)) return;
    request.endings.forEach((ending, at) => {
      moves.step(`observe releases r${index} at fence ${ending.fence}`, release(setting, state, index, ending, at));
    });
  });
}

function eventMoves(
  state: CrossingState,
  event: StatusEvent,
  index: number,
  moves: Moves<CrossingState, CrossingCheck>,
): void {
  const label = `r${event.request} ${event.status} of redrive ${event.redrives}`;
  const broken = reopensRow(state, event);
  const consumed = { ...state, events: without(state.events, index) };
  moves.step(`mirror applies ${label}`, apply(consumed, event), broken);
  if (state.budget.repeatedEvents > 0) {
    moves.fault(`mirror applies ${label}, which will repeat`, apply(spend(state, "repeatedEvents"), event), broken);
  }
  if (state.budget.lostEvents > 0) moves.fault(`event lost: ${label}`, spend(consumed, "lostEvents"));
}

/** Strictly greater wins. */
function apply(state: CrossingState, event: StatusEvent): CrossingState {
  const { row } = requestAt(state, event.request);
  const fence = fenceOf(event.status, event.redrives);
  if (row && row.fence >= fence) return state;
  return withRow(state, event.request, { status: rowStatusOf(event.status), fence });
}

/** Only a redrive may reopen a row that a mirror has ended. */
function reopensRow(state: CrossingState, event: StatusEvent): CrossingCheck[] {
  const { row } = requestAt(state, event.request);
  const keptOut = row !== null && row.fence >= fenceOf(event.status, event.redrives);
  const reopens = isTerminal(row) && row.fence >= 0 && event.status === "RUNNING" && event.redrives === 0;
  return reopens && !keptOut ? ["P5 mirror reopened a terminal row"] : [];
}

function isStale({ execution, row, observedGeneration }: RequestState): boolean {
  if (!execution || execution.status === "RUNNING" || !row) return false;
  return row.fence < fenceOf(execution.status, execution.redrives) && observedGeneration < execution.redrives;
}

/** The row as the execution itself has it now. */
function mirrored(state: CrossingState, request: number): CrossingState {
  const { execution } = requestAt(state, request);
  if (!execution) return state;
  const fence = fenceOf(execution.status, execution.redrives);
  return withRow(state, request, { status: rowStatusOf(execution.status), fence });
}

function release({ rules }: Setting, state: CrossingState, request: number, ending: Row, index: number): CrossingState {
  const generation = generationOf(ending.fence);
  const { endings, observedGeneration } = requestAt(state, request);
  const seen = ending.fence >= 0 ? Math.max(generation, observedGeneration) : observedGeneration;
  const read = withRequest(state, request, { endings: without(endings, index), observedGeneration: seen });
  const pin = pinWithout(
    state.pin,
    (entry) => entry.request === request && !(rules.genPin && entry.generation > generation),
  );
  return { ...read, pin };
}
