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
}

export interface Exploration<Check extends string> {
  readonly states: number;
  readonly restingStates: number;
  /** False when the search stopped at its bound, so that nothing is proved. */
  readonly exhaustive: boolean;
  /** The labels of a shortest way to break each check. */
  readonly broken: ReadonlyMap<Check, readonly string[]>;
}

/** Far above every run here: the search stops there instead of exhausting memory. */
const MAX_STATES = 1_000_000;

/** How a state was first reached; only these links stay in memory, not the states. */
interface Reached {
  readonly from: Reached | null;
  readonly label: string;
}

export function explore<State, Check extends string>(
  model: Model<State, Check>,
  maxStates = MAX_STATES,
): Exploration<Check> {
  const broken = new Map<Check, readonly string[]>();
  const report = (checks: readonly Check[], reached: Reached) => {
    for (const check of checks) if (!broken.has(check)) broken.set(check, traceTo(reached));
  };
  const seen = new Set<string>([model.key(model.initial)]);
  let frontier: [State, Reached][] = [[model.initial, { from: null, label: "" }]];
  let restingStates = 0;
  let exhaustive = true;

  while (frontier.length > 0) {
    const following: [State, Reached][] = [];
    for (const [state, reached] of frontier) {
      report(model.brokenIn(state), reached);
      const moves = model.moves(state);
      if (moves.every((move) => move.fault)) {
        restingStates++;
        report(model.brokenAtRest(state), reached);
      }
      for (const move of moves) {
        if (move.broken.length > 0) report(move.broken, { from: reached, label: move.label });
        const key = model.key(move.next);
        if (seen.has(key)) continue;
        if (seen.size >= maxStates) {
          exhaustive = false;
          continue;
        }
        seen.add(key);
        following.push([move.next, { from: reached, label: move.label }]);
      }
    }
    frontier = following;
  }
  return { states: seen.size, restingStates, exhaustive, broken };
}

function traceTo(reached: Reached): readonly string[] {
  const labels: string[] = [];
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
