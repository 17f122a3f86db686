// Who moves here: Order executions, their activity workers, and the operator who stops, redrives or places an order.
import type { Moves } from "../explore.ts";
import {
  isPinFree,
  isTerminal,
  pinWith,
  requestAt,
  showToObserve,
  spend,
  withExecution,
  withRequest,
  withStatus,
} from "./changes.ts";
import type { CrossingCheck, CrossingState, Execution, Setting } from "./state.ts";

export function executionMoves(
  setting: Setting,
  state: CrossingState,
  moves: Moves<CrossingState, CrossingCheck>,
): void {
  state.requests.forEach(({ execution }, request) => {
    if (!execution) {
      if (request === setting.direct) moves.step("direct order placed", withStatus(state, request, {}));
      return;
    }
    workerMoves(setting, state, request, execution, moves);
    if (execution.status === "RUNNING" && execution.worker === "ended") {
      moves.step(`execution r${request} succeeds`, withStatus(state, request, { status: "SUCCEEDED" }));
    }
    if (execution.status === "RUNNING" && state.budget.stops > 0) {
      moves.fault(`operator stops r${request}`, stop(state, request, execution));
    }
    const pinAllows = !setting.rules.redriveGate || state.pin === null || state.pin.path === "order";
    if (execution.status === "ABORTED" && state.budget.redrives > 0 && pinAllows) {
      moves.fault(`operator redrives r${request}`, redrive(setting, state, request, execution));
    }
  });
}

function workerMoves(
  setting: Setting,
  state: CrossingState,
  request: number,
  execution: Execution,
  moves: Moves<CrossingState, CrossingCheck>,
): void {
  const { rules } = setting;
  if (execution.status === "RUNNING" && execution.worker === "idle") {
    const begunBefore = rules.effectOnce && requestAt(state, request).orderEffects > 0;
    const takesPin = rules.directPin && request === setting.direct;
    if (begunBefore) {
      // While the first command is still under way the worker waits; then it returns the recorded result.
      if (execution.zombie !== "busy") {
        moves.step(
          `worker returns the recorded result of r${request}`,
          withExecution(state, request, { worker: "ended" }),
        );
      }
    } else if (!takesPin || isPinFree(setting, state, "order")) {
      moves.step(`worker begins r${request}`, begin(state, request, execution, takesPin));
    }
  }
  if (execution.worker === "busy" || execution.zombie === "busy") {
    moves.step(`worker ends r${request}`, endWork(setting, state, request, execution));
  }
}

function begin(state: CrossingState, request: number, execution: Execution, takesPin: boolean): CrossingState {
  const begun = withRequest(withExecution(state, request, { worker: "busy" }), request, {
    orderEffects: requestAt(state, request).orderEffects + 1,
  });
  if (!takesPin) return begun;
  return { ...begun, pin: pinWith(state.pin, "order", { request, generation: execution.redrives }) };
}

/** A stopped execution's worker ends too, unheard; where the pin waits for it, its end is what releases the pin. */
function endWork({ rules }: Setting, state: CrossingState, request: number, execution: Execution): CrossingState {
  const change: Partial<Execution> = execution.zombie === "busy" ? { zombie: "ended" } : { worker: "ended" };
  const ended = withExecution(state, request, change);
  const { row } = requestAt(state, request);
  return rules.workPin && isTerminal(row) ? showToObserve(ended, request, row) : ended;
}

function stop(state: CrossingState, request: number, execution: Execution): CrossingState {
  const orphaned: Partial<Execution> = execution.worker === "busy" ? { worker: "idle", zombie: "busy" } : {};
  return withStatus(spend(state, "stops"), request, { status: "ABORTED", ...orphaned });
}

function redrive({ rules }: Setting, state: CrossingState, request: number, execution: Execution): CrossingState {
  const redrives = execution.redrives + 1;
  const running = withStatus(spend(state, "redrives"), request, { status: "RUNNING", redrives });
  if (!rules.redriveGate) return running;
  const generation = rules.genPin ? redrives : 0;
  return { ...running, pin: pinWith(state.pin, "order", { request, generation }) };
}
