// Small changes to the crossing's state that more than one actor makes.
import { replaced } from "../explore.ts";
import type {
  Budget,
  CrossingState,
  Execution,
  Handler,
  Path,
  Pin,
  PinEntry,
  RequestState,
  Row,
  Setting,
  StatusEvent,
} from "./state.ts";

export function requestAt(state: CrossingState, request: number): RequestState {
  const found = state.requests[request];
  if (!found) throw new Error(`no request ${request} in this model`);
  return found;
}

export function withRequest(state: CrossingState, request: number, change: Partial<RequestState>): CrossingState {
  return {
    ...state,
    requests: replaced(state.requests, request, { ...requestAt(state, request), ...change }),
  };
}

export function spend(state: CrossingState, what: keyof Budget): CrossingState {
  return { ...state, budget: { ...state.budget, [what]: state.budget[what] - 1 } };
}

export function isTerminal(row: Row | null): row is Row {
  return row !== null && (row.status === "COMPLETED" || row.status === "FAILED");
}

/** Writes a row; a terminal image goes to observe through the table's stream. */
export function withRow(state: CrossingState, request: number, row: Row): CrossingState {
  const changed = withRequest(state, request, { row });
  return isTerminal(row) ? showToObserve(changed, request, row) : changed;
}

export function showToObserve(state: CrossingState, request: number, row: Row): CrossingState {
  const { endings } = requestAt(state, request);
  if (endings.some((seen) => seen.fence === row.fence && seen.status === row.status)) return state;
  const sorted = [...endings, row].sort((a, b) => a.fence - b.fence || (a.status < b.status ? -1 : 1));
  return withRequest(state, request, { endings: sorted });
}

/** The fence and the generation inside it, as the mirror counts them. */
export const fenceOf = (status: Execution["status"], redrives: number): number =>
  redrives * 8 + (status === "RUNNING" ? 1 : 7);
export const generationOf = (fence: number): number => Math.max(0, Math.floor(fence / 8));

/** The row's status in the old table's words. */
export function rowStatusOf(status: Execution["status"]): Row["status"] {
  if (status === "RUNNING") return "PROCESSING";
  return status === "SUCCEEDED" ? "COMPLETED" : "FAILED";
}

export function withExecution(state: CrossingState, request: number, change: Partial<Execution>): CrossingState {
  const execution: Execution = {
    ...(requestAt(state, request).execution ?? { status: "RUNNING", redrives: 0, worker: "idle", zombie: "none" }),
    ...change,
  };
  return withRequest(state, request, { execution });
}

/** Changes the execution's status and emits its event. */
export function withStatus(state: CrossingState, request: number, change: Partial<Execution>): CrossingState {
  const changed = withExecution(state, request, change);
  const { execution } = requestAt(changed, request);
  if (!execution) return changed;
  const event = { request, status: execution.status, redrives: execution.redrives };
  return { ...changed, events: [...changed.events, event].sort(byEvent) };
}

function byEvent(a: StatusEvent, b: StatusEvent): number {
  return a.request - b.request || a.redrives - b.redrives || (a.status < b.status ? -1 : a.status > b.status ? 1 : 0);
}

export function sameEvent(a: StatusEvent, b: StatusEvent | undefined): boolean {
  return b !== undefined && byEvent(a, b) === 0;
}

const STEPS: readonly Handler["next"][] = ["claim", "send", "mark", "start", "ack"];

/** Handlers are kept sorted, so that states that differ only in their order are one. */
export function byHandler(a: Handler, b: Handler): number {
  return (
    a.message - b.message ||
    a.delivery - b.delivery ||
    STEPS.indexOf(a.next) - STEPS.indexOf(b.next) ||
    (a.wanted < b.wanted ? -1 : a.wanted > b.wanted ? 1 : 0) ||
    Number(a.sawDrainedPin) - Number(b.sawDrainedPin)
  );
}

/** Opens the request's entry on that path; a pin of the other path must have been found drained before. */
export function pinWith(pin: Pin | null, path: Path, entry: PinEntry): Pin {
  const others = pin && pin.path === path ? pin.open.filter((open) => open.request !== entry.request) : [];
  return { path, open: [...others, entry].sort((a, b) => a.request - b.request) };
}

export function pinWithout(pin: Pin | null, drop: (entry: PinEntry) => boolean): Pin | null {
  if (!pin) return null;
  const open = pin.open.filter((entry) => !drop(entry));
  return open.length > 0 ? { path: pin.path, open } : null;
}

/** Is someone at work for this request, whatever its row says? */
export function isBusy(state: CrossingState, request: number): boolean {
  const { execution } = requestAt(state, request);
  return state.legacyWorker === request || execution?.worker === "busy" || execution?.zombie === "busy";
}

/** May this pin entry be taken for finished? */
export function hasEnded({ rules }: Setting, state: CrossingState, entry: PinEntry): boolean {
  const { row, execution } = requestAt(state, entry.request);
  if (!isTerminal(row)) return false;
  if (rules.workPin && isBusy(state, entry.request)) return false;
  return !(rules.genPin && execution && Math.floor(row.fence / 8) < entry.generation);
}

/** Is the pin free for that path: without open entries, on that path already, or drained? */
export function isPinFree(setting: Setting, state: CrossingState, path: Path): boolean {
  const { pin } = state;
  return pin === null || pin.path === path || pin.open.every((entry) => hasEnded(setting, state, entry));
}
