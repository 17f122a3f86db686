// Where a model is too large to search, many random walks through it, repeatable from their seeds.
import type { Model } from "./explore.ts";

export interface Walk<Check extends string> {
  readonly seed: number;
  readonly broken: readonly Check[];
  readonly trace: readonly string[];
}

const MAX_MOVES = 200;
/** The share of moves at which a fault may be chosen. */
const FAULT_SHARE = 0.25;

/** Walks from the start until nothing but faults can happen, or until a check breaks. */
export function walk<State, Check extends string>(model: Model<State, Check>, seed: number): Walk<Check> {
  const random = randomFrom(seed);
  const trace: string[] = [];
  let state = model.initial;
  for (;;) {
    const broken = model.brokenIn(state);
    if (broken.length > 0) return { seed, broken, trace };
    const moves = model.moves(state);
    const steps = moves.filter((move) => !move.fault);
    if (steps.length === 0) return { seed, broken: model.brokenAtRest(state), trace };
    if (trace.length === MAX_MOVES) throw new Error(`walk ${seed} does not come to rest: ${trace.join("\n")}`);
    const pool = random() < FAULT_SHARE ? moves : steps;
    const move = pool[Math.floor(random() * pool.length)];
    if (!move) continue;
    trace.push(move.label);
    if (move.broken.length > 0) return { seed, broken: move.broken, trace };
    state = move.next;
  }
}

/** Seeds 1 to `count`; the first walk that breaks a check, or null. */
export function firstBroken<State, Check extends string>(
  model: Model<State, Check>,
  count: number,
): Walk<Check> | null {
  for (let seed = 1; seed <= count; seed++) {
    const walked = walk(model, seed);
    if (walked.broken.length > 0) return walked;
  }
  return null;
}

/** Mulberry32: the same numbers from 0 (inclusive) to 1 (exclusive) for the same seed, everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
