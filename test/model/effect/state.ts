// Model E: the one external command of one order item. Worker sessions may be killed, may live on as zombies beside
// their successor, and may hear nothing from the registry; the order may be stopped; a session that has no task tidies
// up what others left open; and the charge is decided once, for what is done.

export type EffectCheck =
  | "TWICE registry performed the command twice"
  | "P7 captured set differs from the items done"
  | "UNPAID done after the charge was decided"
  | "HANG effect open for ever"
  | "HANG charge never decided";

/** Nothing; that the effect is open; or that it is open and its owner the one that was seen. */
export type Condition = "none" | "open" | "same owner";

export interface EffectRules {
  /** The registry allows one session per client: a login closes the other session and refuses what it still carries. */
  readonly sessionFence: boolean;
  /** A session's later request makes the registry refuse an earlier one that is still under way. */
  readonly sequence: boolean;
  /** A worker logs in before it looks at the effect, so that "never received" is asked after the others are shut out. */
  readonly loginFirst: boolean;
  /** What a worker does that hears its session was closed; only one that stops never uses its owner's name again. */
  readonly replaced: "stops" | "asks again" | "repeats";
  /** A worker that hears nothing asks what happened; it never just repeats its command. */
  readonly askAfterLoss: boolean;
  /** What the writes ask for that take the effect over, end it and forget it. */
  readonly takeOver: Condition;
  readonly end: Condition;
  readonly forget: Condition;
  /** An owner finishes its effect even when its task token is dead. */
  readonly ownerFinishes: boolean;
  /** A session without a task asks about every open effect: ended is recorded, never received is forgotten. */
  readonly tidies: boolean;
  /** It logs in before it asks. */
  readonly tidyAfterLogin: boolean;
  /** It tidies between tasks, never beside its own. */
  readonly tidyBetweenTasks: boolean;
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
  /** Answers of the registry that never arrive, or not in time. */
  readonly lostAnswers: number;
  /** Sessions that start beside a living one, as in a deployment. */
  readonly overlaps: number;
  /** Times that a replaced worker logs in again, where it does not stop. */
  readonly relogins: number;
  /** Lists of open effects that are out of date: the index is read eventually consistent. */
  readonly staleLists: number;
}

export interface Worker {
  /** The task's attempt; 0 for a session that has none. */
  readonly attempt: number;
  readonly next:
    | "login"
    | "begin"
    | "find"
    | "takeover"
    | "send"
    | "answer"
    | "ask"
    | "end"
    | "forget"
    | "complete"
    | "fail"
    | "idle";
  /** The owner it last saw in the effect record; 0 for none. */
  readonly seenOwner: number;
  readonly tidying: Tidying;
  /** Killed, or stopped because a later session has replaced it. */
  readonly gone: boolean;
}

/** What a session does about an open effect that it found in the list. */
export interface Tidying {
  readonly next: "nothing" | "ask" | "end" | "forget";
  readonly owner: number;
}

/** finish-order and settle decide in the same way, and may race. */
export interface Decider {
  readonly next: "read version" | "read results" | "write" | "nothing";
  /** Whether the version that it read is still the order record's; false before it has read it. */
  readonly versionHolds: boolean;
  readonly itemDone: boolean;
}

export interface EffectState {
  readonly budget: EffectScenario;
  /** Worker n has session n + 1, under which name it owns the effect; 0 is nobody. */
  readonly workers: readonly Worker[];
  readonly effect: "absent" | "begun" | "ended";
  readonly owner: number;
  /** Every owner the effect ever had, in order: what a list that is out of date may tell. */
  readonly owners: readonly number[];
  /** The order's execution, its record in the ledger, and whether the item's task has been completed. */
  readonly attempt: number;
  readonly stopped: boolean;
  readonly completed: boolean;
  readonly openInOrder: boolean;
  readonly decision: "none" | "capture" | "cancel";
  readonly deciders: readonly Decider[];
  /** The registry: whose session is open, the commands on their way to it, and what it has done. */
  readonly session: number;
  readonly inFlight: readonly number[];
  readonly performed: number;
}

export const NEW_DECIDER: Decider = { next: "read version", versionHolds: false, itemDone: false };
export const NOT_TIDYING: Tidying = { next: "nothing", owner: 0 };

/** A task token is alive while its attempt is the latest of a running order and nobody has completed the item. */
export function isTokenAlive(state: EffectState, { attempt }: Worker): boolean {
  return attempt > 0 && attempt === state.attempt && !state.stopped && !state.completed;
}
