import { type Model, Moves } from "../explore.ts";
import { isDrained } from "./changes.ts";
import { endingMoves } from "./ending.ts";
import { executionMoves, legacyMoves, workerMoves } from "./execution.ts";
import { operatorMoves } from "./operator.ts";
import type { RedriveCheck, RedriveRules, RedriveScenario, RedriveState } from "./state.ts";

export const ALL_RULES: RedriveRules = {
  generationFrom: "task",
  beginNamesGeneration: true,
  beginUndecided: true,
  beginPinned: true,
  actionPerGeneration: true,
  moveFirst: true,
  moveUndecided: true,
  moveReopensNone: true,
  moveNamesGeneration: true,
  moveRaisesVersion: true,
  moveTakesPin: true,
  resumes: true,
  clientToken: true,
  decideAt: "not older",
  decisionVersioned: true,
  decisionRaises: true,
  endAt: "not older",
};

export const QUIET: RedriveScenario = {
  payment: true,
  stops: 1,
  finishFailures: 0,
  commands: 0,
  crashes: 0,
  hands: 0,
  repeatedEvents: 0,
  legacy: 0,
};

export function redrive(rules: RedriveRules, scenario: RedriveScenario): Model<RedriveState, RedriveCheck> {
  return {
    initial: {
      budget: scenario,
      execution: "RUNNING",
      redrives: 0,
      redrivenBy: "nobody",
      item: "todo",
      actionStarted: false,
      workers: [],
      endings: [],
      commands: [],
      usedTokens: [],
      claim: { generation: 0, ended: false },
      pin: { path: "order", entries: [0] },
      effect: "absent",
      record: { generation: 0, decision: "undecided" },
      performed: 0,
      row: { fence: -1, done: false },
      legacyAtWork: false,
    },
    moves(state) {
      const moves = new Moves<RedriveState, RedriveCheck>();
      executionMoves(rules, state, moves);
      workerMoves(rules, state, moves);
      endingMoves(rules, state, moves);
      operatorMoves(rules, state, moves);
      legacyMoves(state, moves);
      return moves.all;
    },
    key,
    brokenIn,
    brokenAtRest,
    endlessBreaks: "P6 claim never ended",
  };
}

/** Workers, endings and commands have no order among themselves. */
function key(state: RedriveState): string {
  const sorted = (list: readonly object[]) => list.map((entry) => JSON.stringify(entry)).sort();
  const { workers, endings, commands } = state;
  const unordered = { workers: sorted(workers), endings: sorted(endings), commands: sorted(commands) };
  return JSON.stringify({ ...state, ...unordered });
}

function brokenIn({ performed, legacyAtWork, effect }: RedriveState): RedriveCheck[] {
  const broken: RedriveCheck[] = [];
  if (performed > 1) broken.push("TWICE the command was performed twice");
  if (legacyAtWork && effect === "begun") broken.push("P4 legacy and order at work at once");
  return broken;
}

function brokenAtRest(state: RedriveState): RedriveCheck[] {
  const broken: RedriveCheck[] = [];
  const { claim, record, row, pin } = state;
  const done = state.performed > 0;
  if (!claim.ended) broken.push("P6 claim never ended");
  else if (!pin.entries.every((entry) => isDrained(state, entry))) broken.push("HANG pin never released");
  if (record.decision === "undecided") broken.push("HANG charge never decided");
  const charged = record.decision === "capture" || record.decision === "cancel";
  if (charged && (record.decision === "capture") !== done) broken.push("P7 decision differs from what was done");
  if (claim.ended && row.done !== done) broken.push("P7 row differs from what was done");
  return broken;
}
