// Model R: an order of one item ends unsuccessfully and is redriven, by the bridge's command or by hand in the console,
// while the settlement of its earlier end may still be under way, workers of the earlier run live on, and a legacy
// request waits for the same pin. Generations are redrive counts: the execution's own, and the one in the ledger.

export type RedriveCheck =
  | "TWICE the command was performed twice"
  | "P4 legacy and order at work at once"
  | "P6 claim never ended"
  | "P7 decision differs from what was done"
  | "P7 row differs from what was done"
  | "UNPAID work began after the charge was decided"
  | "STALE settled for an order that was redriven"
  | "HAND an execution redriven by hand began work"
  | "USELESS a redriven item was refused"
  | "HANG pin never released"
  | "HANG charge never decided";

/** How a write of an execution's end compares that execution's redrives with the generation in the ledger. */
export type Comparison = "any" | "same" | "not older";

export interface RedriveRules {
  /** Where a worker's generation comes from: the Map item's recorded input, or the task that starts the Action. */
  readonly generationFrom: "item" | "task";
  /** Begin asks for the claim's generation, and that the claim has not ended. */
  readonly beginNamesGeneration: boolean;
  /** Begin is refused once the charge is decided, of whatever kind. */
  readonly beginUndecided: boolean;
  /** Begin asks for its generation's entry in the pin. */
  readonly beginPinned: boolean;
  /** An Action's name carries the generation; otherwise a redriven item finds its closed Action. */
  readonly actionPerGeneration: boolean;
  /** The ledger is moved to the next generation before the execution is redriven. */
  readonly moveFirst: boolean;
  /** The move asks that no charge is decided. */
  readonly moveUndecided: boolean;
  /** A decision that there is nothing to charge is taken back by the move; otherwise it refuses it. */
  readonly moveReopensNone: boolean;
  /** The move asks, in claim and record, for the generation that was read. */
  readonly moveNamesGeneration: boolean;
  /** The move raises the version of the order's record. */
  readonly moveRaisesVersion: boolean;
  /** The move takes the pin, or is refused. */
  readonly moveTakesPin: boolean;
  /** The command goes on where an earlier one moved the ledger and did not redrive. */
  readonly resumes: boolean;
  /** RedriveExecution is called with a token of order and generation, and repeats nothing while it remembers that. */
  readonly clientToken: boolean;
  /** Who decides the charge compares its execution's redrives with the order's record. */
  readonly decideAt: Comparison;
  /** The decision names the version of the order's record. */
  readonly decisionVersioned: boolean;
  /** The decision raises the record's generation to that of the execution for which it is made. */
  readonly decisionRaises: boolean;
  /** Who ends the claim compares its execution's redrives with the claim's generation. */
  readonly endAt: Comparison;
}

export interface RedriveScenario {
  /** Orders without a payment decide that there is nothing to charge. */
  readonly payment: boolean;
  readonly stops: number;
  /** Times that finish-order is out of retries. */
  readonly finishFailures: number;
  /** Runs of the bridge's command that are meant to redrive, and how many of all runs die half-way. */
  readonly commands: number;
  readonly crashes: number;
  /** Redrives by hand. */
  readonly hands: number;
  readonly repeatedEvents: number;
  /** Requests of the legacy path that want the pin. */
  readonly legacy: number;
}

export interface Worker {
  /** The redrive in which its task started, and the generation that the task told it. */
  readonly redrive: number;
  readonly generation: number;
  readonly next: "begin" | "perform" | "end" | "report";
}

/** finish-order, settle or the mirror, about one end of the execution. */
export interface Ending {
  readonly by: "finish" | "settle" | "mirror";
  readonly next: "describe" | "read" | "decide" | "return" | "row" | "claim" | "pin";
  /** The execution's redrives, as it was told or described. */
  readonly redrive: number;
  /** Whether the version that it read is still the order record's. */
  readonly versionHolds: boolean;
  readonly done: boolean;
}

export interface Command {
  readonly next: "read" | "move" | "redrive";
  /** The generation that the execution is to have. */
  readonly target: number;
}

export interface RedriveState {
  readonly budget: RedriveScenario;
  /** The execution, its item, and whether an Action was ever started under the item's name. */
  readonly execution: "RUNNING" | "SUCCEEDED" | "ENDED";
  readonly redrives: number;
  readonly redrivenBy: "nobody" | "command" | "hand";
  readonly item: "todo" | "busy" | "done" | "failed";
  readonly actionStarted: boolean;
  readonly workers: readonly Worker[];
  readonly endings: readonly Ending[];
  readonly commands: readonly Command[];
  readonly usedTokens: readonly number[];
  /** The ledger: claim, pin, effect, order's record. */
  readonly claim: { readonly generation: number; readonly ended: boolean };
  readonly pin: { readonly path: "order" | "legacy"; readonly entries: readonly number[] };
  readonly effect: "absent" | "begun" | "ended";
  readonly record: { readonly generation: number; readonly decision: Decision };
  readonly performed: number;
  readonly row: { readonly fence: number; readonly done: boolean };
  readonly legacyAtWork: boolean;
}

/** `nothing`: decided, and there is no charge. */
export type Decision = "undecided" | "nothing" | "capture" | "cancel";

export const newEnding = (by: Ending["by"], next: Ending["next"], redrive: number): Ending => ({
  by,
  next,
  redrive,
  versionHolds: false,
  done: false,
});
