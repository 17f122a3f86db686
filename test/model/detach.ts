// Model D, the way back: an operator attaches the bridge at a queue, turns back at any point or once it is attached, and
// may attach it again. Ingest works in three steps (claim; send or start; acknowledge) and crashes between them; the old
// consumer crashes after its effect. All messages are on one pin key.
import { type Model, Moves, replaced, without } from "./explore.ts";

export type DetachCheck =
  | "P1 message lost"
  | "P2 a message took both paths"
  | "P4 legacy and order at work at once"
  | "TWICE legacy consumer did a message twice";

export interface DetachRules {
  /** At attach, the bridge's mapping starts before the old one is off, or after it. */
  readonly mappings: "overlap" | "turns";
  /** At detach, the flag goes back to legacy, and stays there until the next attach is over. */
  readonly hold: boolean;
  /** At attach, the hold ends only when every delivery of the old mapping is over. */
  readonly oldDrained: boolean;
  /** The hold ends with a time: what was sent before it, or while the flag is held, is claimed legacy or waits. */
  readonly epoch: boolean;
  /** At detach, the next step waits until every delivery of ingest's mapping is over. */
  readonly ingestDrained: boolean;
  /** At detach, what the ledger has claimed is carried out and taken from the queue before the old mapping gets it. */
  readonly sweep: boolean;
  /** At detach, when no order may be in flight: before ingest's mapping is off, or before the old one is on. */
  readonly quiet: "before-off" | "before-on" | "never";
  /** At detach, the mapping on the forward queue goes only when that queue is empty and its work is over. */
  readonly forwardDrained: boolean;
}

export interface DetachScenario {
  readonly messages: number;
  /** Where the operator begins. */
  readonly from: "detached" | "attached";
  /** How often the operator changes direction. */
  readonly turns: number;
  readonly ingestCrashes: number;
  /** Of the legacy consumer, after its effect: the message returns to the queue that it came from. */
  readonly legacyCrashes: number;
}

type Path = "legacy" | "order";
type Queue = "source" | "forward";

interface Message {
  readonly claim: Path | null;
  /** Sent to the forward queue, which drops a second send. */
  readonly sent: boolean;
  readonly order: "none" | "busy" | "ended";
  /** The old consumer has told the end of what was forwarded to it, so that the claim has ended and its pin is free. */
  readonly legacyEnded: boolean;
  readonly legacyEffects: number;
  readonly orderEffects: number;
}

interface Rollout {
  readonly flag: Path;
  readonly held: boolean;
  /** Messages with a smaller number were sent before the switch. */
  readonly switchAt: number;
}

type AttachStep = "hold" | "forward-on" | "old-off" | "ingest-on" | "release";
type DetachStep = "hold" | "quiet" | "ingest-off" | "sweep" | "old-on" | "forward-off";

export interface DetachState {
  readonly direction: "attach" | "detach";
  readonly stepsDone: number;
  readonly turns: number;
  readonly rollout: Rollout;
  /** The rollout as ingest has it in its cache. */
  readonly cached: Rollout;
  readonly old: boolean;
  readonly ingest: "on" | "off" | "sweeping";
  readonly forwardOn: boolean;
  readonly ingestCrashes: number;
  readonly legacyCrashes: number;
  readonly messages: readonly Message[];
  readonly source: readonly number[];
  readonly inHand: readonly { readonly message: number; readonly acted: boolean }[];
  readonly forwarded: readonly number[];
  readonly worker: { readonly message: number; readonly from: Queue } | null;
}

type DetachMoves = Moves<DetachState, DetachCheck>;

const HELD: Rollout = { flag: "legacy", held: true, switchAt: 0 };
const RAISED: Rollout = { flag: "order", held: false, switchAt: 0 };

export function detach(rules: DetachRules, scenario: DetachScenario): Model<DetachState, DetachCheck> {
  const attached = scenario.from === "attached";
  return {
    initial: {
      direction: "attach",
      stepsDone: attached ? 5 : 0,
      turns: scenario.turns,
      rollout: attached ? RAISED : HELD,
      cached: attached ? RAISED : HELD,
      old: !attached,
      ingest: attached ? "on" : "off",
      forwardOn: attached,
      ingestCrashes: scenario.ingestCrashes,
      legacyCrashes: scenario.legacyCrashes,
      messages: [],
      source: [],
      inHand: [],
      forwarded: [],
      worker: null,
    },
    moves(state) {
      const moves: DetachMoves = new Moves();
      operatorMoves(rules, state, moves);
      if (state.messages.length < scenario.messages) publish(state, moves);
      legacyMoves(state, moves);
      ingestMoves(rules, state, moves);
      orderMoves(state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: (state) => brokenIn(scenario, state),
    brokenAtRest: ({ messages }) =>
      messages.some(({ legacyEffects, orderEffects }) => legacyEffects + orderEffects === 0) ? ["P1 message lost"] : [],
  };
}

const attachSteps = ({ mappings }: DetachRules): readonly AttachStep[] =>
  mappings === "turns"
    ? ["hold", "forward-on", "old-off", "ingest-on", "release"]
    : ["hold", "forward-on", "ingest-on", "old-off", "release"];
const DETACH_STEPS: readonly DetachStep[] = ["hold", "quiet", "ingest-off", "sweep", "old-on", "forward-off"];

function operatorMoves(rules: DetachRules, state: DetachState, moves: DetachMoves): void {
  const step = (state.direction === "attach" ? attachSteps(rules) : DETACH_STEPS)[state.stepsDone];
  const after = step === undefined ? undefined : afterStep(rules, state, step);
  if (step !== undefined && after !== undefined) {
    moves.step(`operator: ${step}`, { ...after, stepsDone: state.stepsDone + 1 });
  }
  if (state.turns === 0) return;
  // An operator may turn back, so that nothing waits for it; every step of the other direction is looked at anew.
  const direction = state.direction === "attach" ? "detach" : "attach";
  const ingest = state.ingest === "sweeping" ? "off" : state.ingest;
  moves.fault(`operator turns to ${direction}`, { ...state, direction, ingest, stepsDone: 0, turns: state.turns - 1 });
}

/** The state after a step; undefined while the step must wait. */
function afterStep(rules: DetachRules, state: DetachState, step: AttachStep | DetachStep): DetachState | undefined {
  const orderOpen = state.messages.some(({ claim, order }) => claim === "order" && order !== "ended");
  const ingestOver = !rules.ingestDrained || state.inHand.length === 0;
  const oldOver = !rules.oldDrained || state.worker?.from !== "source";
  switch (step) {
    case "forward-on":
      return { ...state, forwardOn: true };
    case "old-off":
      return { ...state, old: false };
    case "ingest-on":
      return { ...state, ingest: "on", cached: state.rollout };
    case "release": {
      if (!oldOver) return undefined;
      return { ...state, rollout: { flag: "order", held: false, switchAt: rules.epoch ? state.messages.length : 0 } };
    }
    case "hold":
      return rules.hold ? { ...state, rollout: heldFor(state.direction, state.rollout) } : state;
    case "quiet":
      return rules.quiet === "before-off" && orderOpen ? undefined : state;
    case "ingest-off":
      return { ...state, ingest: "off" };
    case "sweep":
      if (!ingestOver) return undefined;
      // With the CLI as the reader, messages are held to the rollout as it is.
      return rules.sweep ? { ...state, ingest: "sweeping", cached: state.rollout } : state;
    case "old-on": {
      const swept = !rules.sweep || !state.source.some((m) => claimOf(state, m) !== null);
      if (!swept || !ingestOver || (rules.quiet === "before-on" && orderOpen)) return undefined;
      return { ...state, ingest: "off", old: true };
    }
    case "forward-off": {
      const over = state.forwarded.length === 0 && state.worker?.from !== "forward";
      return rules.forwardDrained && !over ? undefined : { ...state, forwardOn: false };
    }
  }
}

/** On the way back a message may still join the order in flight on its key, which is awaited. */
const heldFor = (direction: DetachState["direction"], rollout: Rollout): Rollout => ({
  ...rollout,
  flag: "legacy",
  held: direction === "attach" || rollout.held,
});

function publish(state: DetachState, moves: DetachMoves): void {
  const message = state.messages.length;
  const fresh: Message = {
    claim: null,
    sent: false,
    order: "none",
    legacyEnded: false,
    legacyEffects: 0,
    orderEffects: 0,
  };
  const messages = [...state.messages, fresh];
  moves.step(`m${message} is published`, { ...state, messages, source: [...state.source, message] });
}

/** The legacy consumer does one message at a time, from whichever queue it comes. */
function legacyMoves(state: DetachState, moves: DetachMoves): void {
  const { worker } = state;
  if (worker !== null) {
    const { message, from } = worker;
    const gone: DetachState = { ...state, worker: null };
    const legacyEnded = from === "forward" || state.messages[message]?.legacyEnded === true;
    moves.step(`legacy ends m${message}`, withMessage(gone, message, { legacyEnded }));
    if (state.legacyCrashes > 0) {
      const returned = { ...gone, legacyCrashes: state.legacyCrashes - 1 };
      moves.fault(
        `legacy crashes after its effect, m${message} returns`,
        from === "source"
          ? { ...returned, source: added(state.source, message) }
          : { ...returned, forwarded: added(state.forwarded, message) },
      );
    }
    return;
  }
  if (state.old) {
    state.source.forEach((message, index) => {
      begin({ ...state, source: without(state.source, index) }, message, "source", moves);
    });
  }
  if (state.forwardOn) {
    state.forwarded.forEach((message, index) => {
      begin({ ...state, forwarded: without(state.forwarded, index) }, message, "forward", moves);
    });
  }
}

function begin(taken: DetachState, message: number, from: Queue, moves: DetachMoves): void {
  const legacyEffects = (taken.messages[message]?.legacyEffects ?? 0) + 1;
  moves.step(`legacy begins m${message} (${from})`, {
    ...withMessage(taken, message, { legacyEffects }),
    worker: { message, from },
  });
}

function ingestMoves(rules: DetachRules, state: DetachState, moves: DetachMoves): void {
  if (state.cached !== state.rollout && JSON.stringify(state.cached) !== JSON.stringify(state.rollout)) {
    moves.step("ingest reads the rollout", { ...state, cached: state.rollout });
  }
  state.source.forEach((message, index) => {
    const claim = claimOf(state, message) ?? wantedPath(rules, state, message);
    if (claim === undefined || state.ingest === "off") return;
    // The sweep gives back what has no claim, untouched.
    if (state.ingest === "sweeping" && claimOf(state, message) === null) return;
    const taken = withMessage({ ...state, source: without(state.source, index) }, message, { claim });
    moves.step(`ingest claims m${message}, ${claim}`, {
      ...taken,
      inHand: [...state.inHand, { message, acted: false }].sort((a, b) => a.message - b.message),
    });
  });
  state.inHand.forEach(({ message, acted }, index) => {
    const gone: DetachState = { ...state, inHand: without(state.inHand, index) };
    if (acted) moves.step(`ingest acknowledges m${message}`, gone);
    else {
      const inHand = replaced(state.inHand, index, { message, acted: true });
      moves.step(`ingest carries out m${message}`, carriedOut({ ...state, inHand }, message));
    }
    if (state.ingestCrashes === 0) return;
    const returned = { ...gone, ingestCrashes: state.ingestCrashes - 1, source: added(state.source, message) };
    moves.fault(`ingest crashes, m${message} returns`, returned);
  });
}

/** What a message without a claim is claimed for; undefined where it waits for its pin. */
function wantedPath(rules: DetachRules, state: DetachState, message: number): Path | undefined {
  const { flag, held, switchAt } = state.cached;
  const open = state.messages.find(({ claim, order }) => claim === "order" && order !== "ended");
  const forced = rules.epoch && (held || message < switchAt);
  if (forced) return open === undefined ? "legacy" : undefined;
  if (state.messages.some(({ claim, legacyEnded }) => claim === "legacy" && !legacyEnded)) return "legacy";
  return open === undefined ? flag : "order";
}

function carriedOut(state: DetachState, message: number): DetachState {
  const known = state.messages[message];
  if (known?.claim === "order") {
    if (known.order !== "none") return state;
    return withMessage(state, message, { order: "busy", orderEffects: known.orderEffects + 1 });
  }
  if (known?.sent === true) return state;
  return { ...withMessage(state, message, { sent: true }), forwarded: added(state.forwarded, message) };
}

function orderMoves(state: DetachState, moves: DetachMoves): void {
  state.messages.forEach(({ order }, message) => {
    if (order === "busy") moves.step(`order ends m${message}`, withMessage(state, message, { order: "ended" }));
  });
}

const claimOf = (state: DetachState, message: number): Path | null => state.messages[message]?.claim ?? null;

const added = (list: readonly number[], message: number): readonly number[] => [...list, message].sort();

function withMessage(state: DetachState, index: number, change: Partial<Message>): DetachState {
  const message = state.messages[index];
  if (message === undefined) throw new Error(`no message ${index} in this model`);
  return { ...state, messages: replaced(state.messages, index, { ...message, ...change }) };
}

function brokenIn(scenario: DetachScenario, state: DetachState): DetachCheck[] {
  const broken: DetachCheck[] = [];
  if (state.worker !== null && state.messages.some(({ order }) => order === "busy")) {
    broken.push("P4 legacy and order at work at once");
  }
  // A consumer that crashed may repeat its own effect: the bridge adds no second delivery.
  const allowed = 1 + scenario.legacyCrashes - state.legacyCrashes;
  for (const { legacyEffects, orderEffects } of state.messages) {
    if (legacyEffects > 0 && orderEffects > 0) broken.push("P2 a message took both paths");
    if (legacyEffects > allowed) broken.push("TWICE legacy consumer did a message twice");
  }
  return broken;
}
