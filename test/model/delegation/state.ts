// Model C, in the steps in which it is built: one delegated item of one order. A Lambda writes the effect and its task
// token, sends the work to the legacy queue, marks it as sent and looks for the outcome; observe ends the effect when
// the row has ended and completes the token; reconcile does what lost records and dead Lambdas left; the charge is
// decided when no effect is open. Lambdas die between any two steps, or go on after their task timed out.

export type DelegationCheck =
  | "TWICE the bridge sent a second legacy copy"
  | "P7 action ended otherwise than its row"
  | "P7 decision differs from what was done"
  | "UNPAID legacy work began after the decision"
  | "HANG effect open for ever"
  | "HANG action waits for ever"
  | "HANG charge never decided"
  | "LATE nothing but a timeout ends the action";

export interface DelegationRules {
  /** The effect and the token are one transaction. */
  readonly tokenWithEffect: boolean;
  /** Storing never puts an older attempt's token over a newer one's. */
  readonly newestToken: boolean;
  /** A mark that the work is sent: none, before the send, or after it. */
  readonly mark: "none" | "before" | "after";
  /** The forward queue drops a copy of what it remembers, by request. */
  readonly fifo: boolean;
  /** What an attempt does that finds the work begun and not marked: send, read the row first, or never send. */
  readonly unmarked: "send" | "look first" | "never send";
  /** The Lambda looks for the outcome after its last write. */
  readonly readAfterMark: boolean;
  /** Observe ends the effect before it reads the token. */
  readonly outcomeFirst: boolean;
  /** Observe completes the token; otherwise only a Lambda does. */
  readonly observeCompletes: boolean;
  /** A token is completed with what the effect's record says, not with what the row just said. */
  readonly recordedOutcome: boolean;
  /** Observe removes only the token that it completed. */
  readonly removeSame: boolean;
  /** The task is tried again for ever. */
  readonly neverGivesUp: boolean;
  /** Reconcile reads the row of every open effect. */
  readonly reconcileRows: boolean;
  /** Reconcile completes a token whose effect has ended. */
  readonly reconcileTokens: boolean;
  /** What reconcile does about work that was begun and is not marked, once no Lambda can be at work on it. */
  readonly reconcileUnmarked: "nothing" | "send" | "forget";
  /** A stopped order's decision waits for open effects. */
  readonly decisionWaits: boolean;
  /** The decision names the version of the order's record. */
  readonly decisionVersioned: boolean;
  /** Begin is refused once the charge is decided. */
  readonly beginUndecided: boolean;
}

export interface DelegationScenario {
  /** Lambdas of any kind that die between two steps. */
  readonly crashes: number;
  /** Tokens that time out with no Lambda at work. */
  readonly timeouts: number;
  /** Tokens that time out, or whose invocation seems to fail, while the Lambda goes on. */
  readonly zombies: number;
  readonly stops: number;
  readonly lostRecords: number;
  readonly repeatedRecords: number;
  /** Times that the forward queue forgets what it got. */
  readonly windows: number;
  /** Times that the legacy consumer dies and works again on its message; such repeats are its own. */
  readonly legacyRepeats: number;
}

export type Outcome = "COMPLETED" | "FAILED";

export interface Lambda {
  readonly attempt: number;
  readonly next: "begin" | "token" | "look" | "send" | "mark" | "read" | "complete";
  /** What its begin returned of the effect; it is not read again before the send. */
  readonly found: "nothing" | "begun" | "marked";
  readonly outcome: Outcome | null;
}

/** A run of observe, or of reconcile, about the row's end. */
export interface Observer {
  readonly next: "end" | "token" | "complete" | "remove";
  readonly by: "observe" | "reconcile";
  readonly row: Outcome;
  /** The attempt whose token it read; 0 for none. */
  readonly token: number;
}

export interface Decider {
  readonly next: "read" | "write";
  /** Whether the version that it read is still the order record's. */
  readonly versionHolds: boolean;
  readonly done: boolean;
}

export interface DelegationState {
  readonly budget: DelegationScenario;
  /** The Action's task: what it ended with, its latest attempt, and whether that one's token is alive. */
  readonly action: "waiting" | Outcome | "GAVE UP" | "REFUSED";
  readonly attempt: number;
  readonly tokenAlive: boolean;
  readonly stopped: boolean;
  readonly lambdas: readonly Lambda[];
  readonly observers: readonly Observer[];
  /** Where reconcile stands that does a dead Lambda's last steps. */
  readonly sender: "look" | "send" | "mark" | "forget" | null;
  readonly deciders: readonly Decider[];
  /** The ledger: the effect's record, its mark, the attempt whose token is stored (0: none), the order's record. */
  readonly effect: "absent" | "begun" | Outcome;
  readonly marked: boolean;
  readonly token: number;
  readonly openInOrder: boolean;
  readonly decision: "none" | "capture" | "cancel";
  /** The legacy side: copies that the queue took from the bridge, and what the consumer makes of them. */
  readonly remembered: boolean;
  readonly copies: number;
  readonly queued: number;
  readonly working: boolean;
  readonly row: "RECEIVED" | "PROCESSING" | Outcome;
  readonly records: readonly Outcome[];
}

export const NEW_DECIDER: Decider = { next: "read", versionHolds: false, done: false };
