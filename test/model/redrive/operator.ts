// Who moves here: the operator, with the bridge's command or by hand in the console.
import { type Moves, replaced, without } from "../explore.ts";
import { redriven, spend, withVersionRaised } from "./changes.ts";
import type { Command, RedriveCheck, RedriveRules, RedriveState } from "./state.ts";

type RedriveMoves = Moves<RedriveState, RedriveCheck>;

export function operatorMoves(rules: RedriveRules, state: RedriveState, moves: RedriveMoves): void {
  const { budget, execution, commands } = state;
  const closed = execution === "ENDED";
  if (closed && budget.hands > 0) moves.fault("redriven by hand", redriven(spend(state, "hands"), "hand"));
  const started: RedriveState = { ...state, commands: [...commands, { next: "read", target: 0 }] };
  if (closed && budget.commands > 0) moves.fault("crossfade redrive", spend(started, "commands"));
  // An operator whose command died runs it again, whatever it is good for.
  else if (closed && commands.length === 0 && state.record.generation === state.redrives + 1) {
    moves.step("crossfade redrive again", started);
  }
  commands.forEach((command, index) => {
    const [said, next, left] = step(rules, state, command);
    const dropped = without(commands, index);
    const rest = left === null ? dropped : replaced(commands, index, left);
    moves.step(`crossfade redrive: ${command.next}${said}`, { ...next, commands: rest });
    if (budget.crashes > 0) {
      moves.fault(`crossfade redrive dies before ${command.next}`, { ...spend(state, "crashes"), commands: dropped });
    }
  });
}

function step(
  rules: RedriveRules,
  state: RedriveState,
  command: Command,
): readonly [said: string, next: RedriveState, left: Command | null] {
  const { target } = command;
  switch (command.next) {
    case "read": {
      const { redrives, claim } = state;
      const refused: ReturnType<typeof step> = [", refused", state, null];
      if (state.execution !== "ENDED" || isFinal(rules, state)) return refused;
      if (rules.resumes && claim.generation === redrives + 1) {
        return [", moved before", state, { next: "redrive", target: redrives + 1 }];
      }
      if (claim.generation !== redrives) return refused;
      return ["", state, { next: rules.moveFirst ? "move" : "redrive", target: redrives + 1 }];
    }
    case "move":
      return move(rules, state, command);
    case "redrive": {
      const then: Command | null = rules.moveFirst ? null : { next: "move", target };
      if (rules.clientToken && state.usedTokens.includes(target)) return [", done before", state, then];
      if (state.execution !== "ENDED") return [", refused", state, then];
      const usedTokens = rules.clientToken ? [...state.usedTokens, target] : state.usedTokens;
      return ["", { ...redriven(state, "command"), usedTokens }, then];
    }
  }
}

const isFinal = (rules: RedriveRules, { record }: RedriveState): boolean =>
  rules.moveUndecided && record.decision !== "undecided" && !(rules.moveReopensNone && record.decision === "nothing");

/** One transaction over claim, pin and order's record. */
function move(rules: RedriveRules, state: RedriveState, { target }: Command): ReturnType<typeof step> {
  const { claim, record, pin } = state;
  const seen = target - 1;
  const moved = rules.moveNamesGeneration && (claim.generation !== seen || record.generation !== seen);
  const held = rules.moveTakesPin && pin.path === "legacy";
  if (moved || held || isFinal(rules, state)) return [", refused", state, null];
  const reopened = record.decision === "nothing" ? "undecided" : record.decision;
  const raised = rules.moveRaisesVersion ? withVersionRaised(state) : state;
  const next: RedriveState = {
    ...raised,
    claim: { generation: target, ended: false },
    record: { generation: target, decision: reopened },
    // The entry of the generation before stays: it is drained, as its claim has gone on.
    pin: rules.moveTakesPin ? { ...pin, entries: [...pin.entries, target] } : pin,
  };
  return ["", next, rules.moveFirst ? { next: "redrive", target } : null];
}
