import { type Model, Moves } from "../explore.ts";
import { brokenAtRest, brokenIn } from "./checks.ts";
import { executionMoves } from "./execution.ts";
import { ingestMoves } from "./ingest.ts";
import { legacyMoves } from "./legacy.ts";
import { mirrorMoves } from "./mirror.ts";
import {
  type CrossingCheck,
  type CrossingState,
  initialState,
  type RequestState,
  type Rules,
  type Scenario,
  type Setting,
} from "./state.ts";

/** Claim, pin and mirror without the rules that the model taught us. */
export const FIRST_DESIGN: Rules = {
  pin: true,
  takeover: "compare-and-swap",
  fifo: false,
  lease: false,
  rowCheck: false,
  workPin: false,
  effectOnce: false,
  redriveGate: false,
  genPin: false,
  rowRepair: false,
  directPin: false,
  legacyIdempotent: false,
};

/** The protocol as it is built, with a FIFO forward queue (the lease is for legacy consumers that cannot read one). */
export const ALL_RULES: Rules = {
  ...FIRST_DESIGN,
  fifo: true,
  workPin: true,
  effectOnce: true,
  redriveGate: true,
  genPin: true,
  rowRepair: true,
  directPin: true,
};

/** Two requests, each delivered once, and nothing goes wrong. */
export const QUIET: Scenario = {
  messages: [
    { request: 0, deliveries: 1 },
    { request: 1, deliveries: 1 },
  ],
  startPath: "legacy",
  flips: 0,
  crashes: 0,
  stops: 0,
  redrives: 0,
  lostEvents: 0,
  repeatedEvents: 0,
  lateRow: false,
  directOrder: false,
};

export function crossing(rules: Rules, scenario: Scenario): Model<CrossingState, CrossingCheck> {
  const direct = scenario.directOrder ? 1 + Math.max(...scenario.messages.map((message) => message.request)) : -1;
  const setting: Setting = { rules, scenario, direct };
  return {
    initial: initialState(setting),
    moves(state) {
      const moves = new Moves<CrossingState, CrossingCheck>();
      ingestMoves(setting, state, moves);
      legacyMoves(setting, state, moves);
      executionMoves(setting, state, moves);
      mirrorMoves(setting, state, moves);
      return moves.all;
    },
    key: keyOf,
    brokenIn,
    brokenAtRest: (state) => brokenAtRest(setting, state),
  };
}

/** Written out by hand, since this is called once per move: no separator is needed where a part has a fixed width. */
function keyOf(state: CrossingState): string {
  const { flips, crashes, stops, redrives, lostEvents, repeatedEvents } = state.budget;
  let key = `${state.flag}${flips}${crashes}${stops}${redrives}${lostEvents}${repeatedEvents}w${state.legacyWorker}`;
  for (const message of state.messages) {
    key += `m${message.deliveriesLeft}${message.delivered}${message.acknowledged ? "a" : ""}`;
  }
  for (const { message, delivery, next, wanted, sawDrainedPin } of state.handlers) {
    key += `h${message}${delivery}${next}${wanted}${sawDrainedPin ? "s" : ""}`;
  }
  if (state.pin) {
    key += `p${state.pin.path}`;
    for (const { request, generation } of state.pin.open) key += `${request}#${generation},`;
  }
  for (const request of state.requests) key += requestKey(request);
  for (const { request, status, redrives } of state.events) key += `e${request}${status}${redrives}`;
  return key;
}

function requestKey(request: RequestState): string {
  const { claim, row, execution } = request;
  let key = `\nc${request.copiesQueued}${request.legacyEffects}${request.orderEffects}g${request.observedGeneration}`;
  if (request.publisherWrote) key += "P";
  if (request.rowNeedsRepair) key += "R";
  if (claim) {
    key += claim.path;
    if (claim.forwarded) key += "F";
    if (claim.sent) key += "S";
    if (claim.takenOver) key += "T";
    if (claim.leaseOwner !== null) key += claim.leaseOwner;
  }
  if (row) key += `r${row.status}${row.fence}`;
  if (execution) key += `x${execution.status}${execution.redrives}${execution.worker}${execution.zombie}`;
  for (const ending of request.endings) key += `o${ending.status}${ending.fence}`;
  return key;
}
