// Who moves here: the old publisher, which may write its row late, and the old consumer.
import type { Moves } from "../explore.ts";
import { isTerminal, requestAt, withRequest, withRow } from "./changes.ts";
import type { CrossingCheck, CrossingState, Row, Setting } from "./state.ts";

export function legacyMoves(setting: Setting, state: CrossingState, moves: Moves<CrossingState, CrossingCheck>): void {
  state.requests.forEach((request, index) => {
    if (!request.publisherWrote) publishRow(setting, state, index, moves);
    if (request.copiesQueued > 0 && state.legacyWorker === null) takeCopy(setting, state, index, moves);
  });
  if (state.legacyWorker !== null) endWork(state, state.legacyWorker, moves);
}

/** An unconditional Put: whatever stood in the row is gone, the fence included. */
function publishRow(
  { rules }: Setting,
  state: CrossingState,
  request: number,
  moves: Moves<CrossingState, CrossingCheck>,
): void {
  const { row } = requestAt(state, request);
  const overwritesEnd = isTerminal(row) && !rules.rowRepair;
  moves.step(
    `publisher writes its row of r${request}, late`,
    withRequest(state, request, {
      publisherWrote: true,
      row: { status: "RECEIVED", fence: -1 },
      rowNeedsRepair: rules.rowRepair && row !== null,
    }),
    overwritesEnd ? ["P5 terminal row overwritten by the publisher"] : [],
  );
}

function takeCopy(
  { rules }: Setting,
  state: CrossingState,
  request: number,
  moves: Moves<CrossingState, CrossingCheck>,
): void {
  const { row, copiesQueued, legacyEffects } = requestAt(state, request);
  const copyTaken = { copiesQueued: copiesQueued - 1 };
  if (rules.legacyIdempotent && isTerminal(row)) {
    moves.step(`legacy consumer drops a copy of r${request}`, withRequest(state, request, copyTaken));
    return;
  }
  const begun = withRequest(state, request, { ...copyTaken, legacyEffects: legacyEffects + 1 });
  moves.step(
    `legacy consumer begins r${request}`,
    { ...withRow(begun, request, { status: "PROCESSING", fence: row?.fence ?? -1 }), legacyWorker: request },
    isTerminal(row) ? ["P5 terminal row reopened by a legacy copy"] : [],
  );
}

function endWork(state: CrossingState, request: number, moves: Moves<CrossingState, CrossingCheck>): void {
  const row: Row = { status: "COMPLETED", fence: requestAt(state, request).row?.fence ?? -1 };
  moves.step(`legacy consumer ends r${request}`, withRow({ ...state, legacyWorker: null }, request, row));
}
