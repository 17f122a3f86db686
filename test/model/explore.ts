// A breadth-first search through every state a protocol model can reach. Because it is breadth-first,
// the first trace that breaks a check is also a shortest one.

/** One thing that can happen next. A fault (crash, stop, flag flip, lost event) may happen, but nothing waits for it. */
export interface Move<State, Check extends string> {
  readonly label: string;
  readonly next: State;
  readonly fault: boolean;
  /** Checks broken by the move itself, where the state after it no longer shows it. */
  readonly broken: readonly Check[];
}

/** States are never changed in place: every move builds a new one, sharing what did not change. */
export interface Model<State, Check extends string> {
  readonly initial: State;
  moves(state: State): readonly Move<State, Check>[];
  /** Equal exactly for states that are the same to the protocol. */
  key(state: State): string;
  brokenIn(state: State): readonly Check[];
  /** Asked only of states where nothing but faults can happen. */
  brokenAtRest(state: State): readonly Check[];
  /** What is broken where steps alone never lead to rest; without it, a model that holds has no such state. */
  readonly endlessBreaks?: Check;
}

export interface Exploration<Check extends string> {
  readonly states: number;
  readonly restingStates: number;
  /** False when the search stopped at its bound, so that nothing is proved. */
  readonly exhaustive: boolean;
  /** The labels of a shortest way to break each check. */
  readonly broken: ReadonlyMap<Check, readonly string[]>;
  /** A shortest way to a state from which steps alone lead to no rest, ever; null where there is none. */
  readonly endless: readonly string[] | null;
}

/** Far above every run here: the search stops there instead of exhausting memory. */
const MAX_STATES = 1_000_000;

/** How a state was first reached, and from which states steps lead to it; only these stay in memory, not the states. */
interface Reached {
  readonly from: Reached | null;
  readonly label: string;
  readonly before: Reached[];
  comesToRest: boolean;
}

export function explore<State, Check extends string>(
  model: Model<State, Check>,
  maxStates = MAX_STATES,
): Exploration<Check> {
  const broken = new Map<Check, readonly string[]>();
  const report = (checks: readonly Check[], reached: Reached, last?: string) => {
    for (const check of checks) if (!broken.has(check)) broken.set(check, traceTo(reached, last));
  };
  const start = reachedBy(null, "");
  const seen = new Map([[model.key(model.initial), start]]);
  const resting: Reached[] = [];
  let frontier: [State, Reached][] = [[model.initial, start]];
  let exhaustive = true;

  while (frontier.length > 0) {
    const following: [State, Reached][] = [];
    for (const [state, reached] of frontier) {
      report(model.brokenIn(state), reached);
      const moves = model.moves(state);
      if (moves.every((move) => move.fault)) {
        resting.push(reached);
        report(model.brokenAtRest(state), reached);
      }
      for (const move of moves) {
        if (move.broken.length > 0) report(move.broken, reached, move.label);
        const key = model.key(move.next);
        let next = seen.get(key);
        if (next === undefined) {
          if (seen.size >= maxStates) {
            exhaustive = false;
            continue;
          }
          next = reachedBy(reached, move.label);
          seen.set(key, next);
          following.push([move.next, next]);
        }
        if (!move.fault) next.before.push(reached);
      }
    }
    frontier = following;
  }
  const endless = endlessAmong(seen.values(), resting);
  const { endlessBreaks } = model;
  if (endless !== null && endlessBreaks !== undefined) broken.set(endlessBreaks, endless);
  return { states: seen.size, restingStates: resting.length, exhaustive, broken, endless };
}

const reachedBy = (from: Reached | null, label: string): Reached => ({ from, label, before: [], comesToRest: false });

/** Goes backwards from rest; what is left over never gets there. States come in the order in which they were reached. */
function endlessAmong(states: Iterable<Reached>, resting: readonly Reached[]): readonly string[] | null {
  const pending = [...resting];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (state.comesToRest) continue;
    state.comesToRest = true;
    pending.push(...state.before);
  }
  for (const state of states) if (!state.comesToRest) return traceTo(state);
  return null;
}

function traceTo(reached: Reached, last?: string): readonly string[] {
  const labels = last === undefined ? [] : [last];
  for (let link: Reached | null = reached; link?.from; link = link.from) labels.push(link.label);
  return labels.reverse();
}

/** Collects the moves out of one state. */
export class Moves<State, Check extends string> {
  readonly all: Move<State, Check>[] = [];

  step(label: string, next: State, broken: readonly Check[] = []): void {
    this.all.push({ label, next, fault: false, broken });
  }

  fault(label: string, next: State, broken: readonly Check[] = []): void {
    this.all.push({ label: `!${label}`, next, fault: true, broken });
  }
}

/** A copy of the list with one entry replaced. */
export function replaced<T>(list: readonly T[], index: number, entry: T): readonly T[] {
  const copy = [...list];
  copy[index] = entry;
  return copy;
}

/** A copy of the list without one entry. */
export function without<T>(list: readonly T[], index: number): readonly T[] {
  return [...list.slice(0, index), ...list.slice(index + 1)];
}
