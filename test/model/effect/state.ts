// Model E: the one external command of one order item. Workers of successive attempts may be killed, or live on as
// zombies beside their successor; the order may be stopped; and the charge is decided once, for what is done.

export type EffectCheck =
  | "TWICE registry performed the command twice"
  | "P7 captured set differs from the items done"
  | "UNPAID done after the charge was decided"
  | "HANG effect open, its owner alive but idle"
  | "HANG charge never decided";

export interface EffectRules {
  /** The registry allows one session per client: a login closes the other session and refuses what it still carries. */
  readonly sessionFence: boolean;
  /** A worker logs in before it looks at the effect, so that "unknown" is asked after the others are shut out. */
  readonly loginFirst: boolean;
  /** A worker that lost its session logs in and asks again; it never just repeats its command. */
  readonly askAfterReconnect: boolean;
  /** Taking over and ending name the owner that was seen. */
  readonly takeoverByCas: boolean;
  /** An owner finishes its effect even when its task token is dead. */
  readonly ownerFinishes: boolean;
  /** The charge is not decided while an effect is open. */
  readonly decisionWaits: boolean;
  /** The decision names the version of the order record, which begin and end raise. */
  readonly decisionVersioned: boolean;
  /** The decider reads that version before it reads the results. */
  readonly versionReadFirst: boolean;
  /** Begin is refused once the charge is decided. */
  readonly beginUndecided: boolean;
}

export interface EffectScenario {
  readonly attempts: number;
  readonly kills: number;
  /** Heartbeats that time out though the worker lives. */
  readonly zombies: number;
  readonly stops: number;
  /** Answers of the registry that never arrive. */
  readonly lostAnswers: number;
}

export interface Worker {
  readonly next: "login" | "begin" | "find" | "takeover" | "send" | "answer" | "end" | "complete" | "lost" | "nothing";
  /** The owner it last saw in the effect record; 0 for none. */
  readonly seenOwner: number;
  readonly killed: boolean;
}

/** finish-order and settle decide in the same way, and may race. */
export interface Decider {
  readonly next: "read version" | "read results" | "write" | "nothing";
  readonly version: number;
  readonly itemDone: boolean;
}

export interface EffectState {
  readonly budget: EffectScenario;
  /** Worker n is attempt n + 1; owners and sessions are attempts, 0 is nobody. */
  readonly workers: readonly Worker[];
  readonly effect: "absent" | "begun" | "ended";
  readonly owner: number;
  /** The order's execution, its record in the ledger, and whether the item's task has been completed. */
  readonly stopped: boolean;
  readonly completed: boolean;
  readonly openEffects: number;
  readonly version: number;
  readonly decision: "none" | "capture" | "cancel";
  readonly deciders: readonly Decider[];
  /** The registry: whose session is open, the commands on their way to it, and what it has done. */
  readonly session: number;
  readonly inFlight: readonly number[];
  readonly performed: number;
}

export const NEW_DECIDER: Decider = { next: "read version", version: -1, itemDone: false };

/** A task token is alive while its attempt is the latest of a running order and nobody has completed the item. */
export function isTokenAlive(state: EffectState, attempt: number): boolean {
  return attempt === state.workers.length && !state.stopped && !state.completed;
}
