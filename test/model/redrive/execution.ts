// Who moves here: Step Functions, the workers of its item, and the legacy path, which wants the same pin.
import { type Moves, replaced, without } from "../explore.ts";
import { executionEnds, isDrained, spend, withVersionRaised } from "./changes.ts";
import { newEnding, type RedriveCheck, type RedriveRules, type RedriveState, type Worker } from "./state.ts";

type RedriveMoves = Moves<RedriveState, RedriveCheck>;

export function executionMoves(rules: RedriveRules, state: RedriveState, moves: RedriveMoves): void {
  if (state.execution !== "RUNNING") return;
  const { redrives, item } = state;
  if (state.budget.stops > 0) moves.fault("order stopped", executionEnds(spend(state, "stops")));
  if (item === "todo") {
    if (state.actionStarted && !rules.actionPerGeneration) {
      const broken: RedriveCheck[] = state.redrivenBy === "command" && state.effect === "absent" ? [USELESS] : [];
      moves.step("item finds its closed Action", { ...state, item: "failed" }, broken);
      return;
    }
    const generation = rules.generationFrom === "item" ? 0 : redrives;
    const workers = [...state.workers, { redrive: redrives, generation, next: "begin" as const }];
    moves.step(`item starts in redrive ${redrives}`, { ...state, item: "busy", actionStarted: true, workers });
  } else if (item !== "busy" && !state.endings.some(({ by, redrive }) => by === "finish" && redrive === redrives)) {
    moves.step("finish-order invoked", {
      ...state,
      endings: [...state.endings, newEnding("finish", "read", redrives)],
    });
    if (state.budget.finishFailures > 0) {
      moves.fault("finish-order out of retries, order fails", executionEnds(spend(state, "finishFailures")));
    }
  }
}

const USELESS = "USELESS a redriven item was refused";

export function workerMoves(rules: RedriveRules, state: RedriveState, moves: RedriveMoves): void {
  state.workers.forEach((worker, index) => {
    const label = `worker of redrive ${worker.redrive}`;
    const goTo = (to: RedriveState, next: Worker["next"]): RedriveState => ({
      ...to,
      workers: replaced(to.workers, index, { ...worker, next }),
    });
    switch (worker.next) {
      case "begin":
        begin(rules, state, worker, index, moves);
        return;
      case "perform":
        moves.step(`${label} performs`, goTo({ ...state, performed: state.performed + 1 }, "end"));
        return;
      case "end":
        moves.step(`${label} ends its effect`, goTo({ ...withVersionRaised(state), effect: "ended" }, "report"));
        return;
      case "report":
        moves.step(`${label} reports`, reported(state, worker, index, "done"));
    }
  });
}

function reported(state: RedriveState, worker: Worker, index: number, item: "done" | "failed"): RedriveState {
  const waited = state.execution === "RUNNING" && state.redrives === worker.redrive && state.item === "busy";
  return { ...state, workers: without(state.workers, index), ...(waited && { item }) };
}

/** One transaction over effect, claim, order's record and pin. */
function begin(rules: RedriveRules, state: RedriveState, worker: Worker, index: number, moves: RedriveMoves): void {
  const label = `worker of redrive ${worker.redrive} begins`;
  if (state.effect === "ended") {
    moves.step(`${label}, finds the result`, reported(state, worker, index, "done"));
    return;
  }
  // Another worker's effect: it asks what became of it, until that is known.
  if (state.effect === "begun") return;
  const { claim, record, pin } = state;
  const stale = rules.beginNamesGeneration && (claim.generation !== worker.generation || claim.ended);
  const decided = rules.beginUndecided && record.decision !== "undecided";
  const unpinned = rules.beginPinned && !(pin.path === "order" && pin.entries.includes(worker.generation));
  if (stale || decided || unpinned) {
    const current = state.execution === "RUNNING" && worker.redrive === state.redrives;
    const right = current && state.redrivenBy === "command";
    moves.step(`${label}, refused`, reported(state, worker, index, "failed"), right ? [USELESS] : []);
    return;
  }
  const broken: RedriveCheck[] = [];
  if (record.decision === "capture" || record.decision === "cancel") {
    broken.push("UNPAID work began after the charge was decided");
  }
  if (worker.redrive > claim.generation) broken.push("HAND an execution redriven by hand began work");
  const begun: RedriveState = { ...withVersionRaised(state), effect: "begun" };
  moves.step(label, { ...begun, workers: replaced(begun.workers, index, { ...worker, next: "perform" }) }, broken);
}

export function legacyMoves(state: RedriveState, moves: RedriveMoves): void {
  const { budget, pin } = state;
  if (state.legacyAtWork) {
    const ended: RedriveState = { ...state, legacyAtWork: false, pin: { path: "order", entries: [] } };
    moves.step("legacy request ends", ended);
  } else if (budget.legacy > 0 && pin.entries.every((entry) => isDrained(state, entry))) {
    const taken: RedriveState = { ...spend(state, "legacy"), legacyAtWork: true, pin: { path: "legacy", entries: [] } };
    moves.fault("legacy request takes the pin", taken);
  }
}
