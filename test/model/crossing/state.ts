// Model A: messages of several requests, all on one pin key, cross from the legacy path to the order path and back.
// This file: what the world looks like. Who acts on it stands in the files beside it.

export type Path = "legacy" | "order";

export type CrossingCheck =
  | "P1 acknowledged without effect"
  | "P2 a request took both paths"
  | "P4 legacy and order at work at once"
  | "P5 terminal row reopened by a legacy copy"
  | "P5 terminal row overwritten by the publisher"
  | "P5 mirror reopened a terminal row"
  | "P6 execution ended, row never terminal"
  | "TWICE legacy consumer did a request twice"
  | "TWICE order path did a request twice"
  | "HANG pin never released"
  | "HANG execution never ends";

/** The protocol's rules, each of which a run takes away to see what it is good for. */
export interface Rules {
  /** Requests of one pin key share a path while any of them is open. */
  readonly pin: boolean;
  /** Whether an ingest may take over a pin whose entries have all ended, and whether that write names the entries it saw. */
  readonly takeover: "never" | "blind" | "compare-and-swap";
  /** The forward queue deduplicates by request. */
  readonly fifo: boolean;
  /** A forward lease in the claim, its owner unique per delivery. */
  readonly lease: boolean;
  /** Taking over a lease reads the tracking row first and does not send again what has begun. */
  readonly rowCheck: boolean;
  /** A pin entry stays until no effect of its request is open. */
  readonly workPin: boolean;
  /** Beginning an effect is a conditional write; a second begin never repeats the command. */
  readonly effectOnce: boolean;
  /** A redrive takes the pin first, or is refused. */
  readonly redriveGate: boolean;
  /** A pin entry carries its redrive generation, and is released only by an end of that generation. */
  readonly genPin: boolean;
  /** Observe puts the mirrored state back into a row that lost its fence. */
  readonly rowRepair: boolean;
  /** An item of a directly placed order takes the pin before its effect. */
  readonly directPin: boolean;
  /** The legacy consumer drops a copy whose row is terminal (a property of the adopter's code, not a rule of ours). */
  readonly legacyIdempotent: boolean;
}

/** What happens in a run, and how much of it. */
export interface Scenario {
  readonly messages: readonly { readonly request: number; readonly deliveries: number }[];
  readonly startPath: Path;
  readonly flips: number;
  readonly crashes: number;
  readonly stops: number;
  readonly redrives: number;
  readonly lostEvents: number;
  readonly repeatedEvents: number;
  /** The publisher Puts its row, unconditionally, only after it published. */
  readonly lateRow: boolean;
  /** An order placed directly, without a message, is one more request on the same pin key. */
  readonly directOrder: boolean;
}

export interface Budget {
  readonly flips: number;
  readonly crashes: number;
  readonly stops: number;
  readonly redrives: number;
  readonly lostEvents: number;
  readonly repeatedEvents: number;
}

export interface MessageState {
  readonly deliveriesLeft: number;
  /** Counted only under a lease, whose owners are single deliveries; elsewhere deliveries are interchangeable. */
  readonly delivered: number;
  readonly acknowledged: boolean;
}

export interface Handler {
  readonly message: number;
  readonly delivery: number;
  readonly next: "claim" | "send" | "mark" | "start" | "ack";
  readonly wanted: Path;
  readonly sawDrainedPin: boolean;
}

export interface Claim {
  readonly path: Path;
  readonly forwarded: boolean;
  /** What the FIFO queue remembers. */
  readonly sent: boolean;
  readonly leaseOwner: string | null;
  readonly takenOver: boolean;
}

export interface PinEntry {
  readonly request: number;
  readonly generation: number;
}

/** Entries stand in the order of their requests; a pin without entries is null. */
export interface Pin {
  readonly path: Path;
  readonly open: readonly PinEntry[];
}

export interface Row {
  readonly status: "RECEIVED" | "PROCESSING" | "COMPLETED" | "FAILED";
  /** -1 where no mirror has written. */
  readonly fence: number;
}

export interface Execution {
  readonly status: "RUNNING" | "SUCCEEDED" | "ABORTED";
  readonly redrives: number;
  readonly worker: "idle" | "busy" | "ended";
  /** The worker of an execution that was stopped under it. */
  readonly zombie: "none" | "busy" | "ended";
}

export interface StatusEvent {
  readonly request: number;
  readonly status: Execution["status"];
  readonly redrives: number;
}

export interface RequestState {
  readonly claim: Claim | null;
  readonly copiesQueued: number;
  readonly row: Row | null;
  readonly publisherWrote: boolean;
  readonly rowNeedsRepair: boolean;
  readonly execution: Execution | null;
  /** Terminal images of the row that observe has not read yet. */
  readonly endings: readonly Row[];
  /** The highest generation whose end observe has seen, or -1. */
  readonly observedGeneration: number;
  readonly legacyEffects: number;
  readonly orderEffects: number;
}

export interface CrossingState {
  readonly flag: Path;
  readonly budget: Budget;
  readonly messages: readonly MessageState[];
  readonly handlers: readonly Handler[];
  readonly requests: readonly RequestState[];
  readonly pin: Pin | null;
  /** The legacy consumer does one request at a time. */
  readonly legacyWorker: number | null;
  readonly events: readonly StatusEvent[];
}

/** A run: the scenario played under the rules. */
export interface Setting {
  readonly rules: Rules;
  readonly scenario: Scenario;
  /** The request of the directly placed order, or -1. */
  readonly direct: number;
}

export function initialState({ scenario, direct }: Setting): CrossingState {
  const { flips, crashes, stops, redrives, lostEvents, repeatedEvents } = scenario;
  const requestCount = 1 + Math.max(direct, ...scenario.messages.map((message) => message.request));
  const requests = Array.from({ length: requestCount }, (_, request): RequestState => {
    const late = scenario.lateRow && request !== direct;
    return {
      claim: null,
      copiesQueued: 0,
      row: late ? null : { status: "RECEIVED", fence: -1 },
      publisherWrote: !late,
      rowNeedsRepair: false,
      execution: null,
      endings: [],
      observedGeneration: -1,
      legacyEffects: 0,
      orderEffects: 0,
    };
  });
  return {
    flag: scenario.startPath,
    budget: { flips, crashes, stops, redrives, lostEvents, repeatedEvents },
    messages: scenario.messages.map(({ deliveries }) => ({
      deliveriesLeft: deliveries,
      delivered: 0,
      acknowledged: false,
    })),
    handlers: [],
    requests,
    pin: null,
    legacyWorker: null,
    events: [],
  };
}
