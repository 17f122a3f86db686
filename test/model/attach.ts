// Model D: the switch, when the bridge takes its place before the old consumer. All messages are on one pin key.
// On a queue the two event source mappings overlap or take turns; on a topic the bridge subscribes before the old
// subscription is removed, and the removal reaches the topic's partitions at different times. A tap may have been there
// before, and stay: it gets a copy of every message, and the old consumer's own copy lies in the queue that is taken over.
import { type Model, Moves, replaced, without } from "./explore.ts";

export type AttachCheck =
  | "P1 message lost"
  | "P2 a message took both paths"
  | "P4 legacy and order at work at once"
  | "TWICE legacy consumer did a message twice";

export interface AttachRules {
  readonly shape: "queue" | "topic";
  /** On a queue: the bridge's mapping starts before the old one is moved, or after it. */
  readonly mappings: "overlap" | "turns";
  /** On a topic: the bridge does not forward while the old subscription exists. */
  readonly suppress: boolean;
  /** The flag is raised only when the old mapping is off and its work drained. */
  readonly gate: boolean;
  /** A message sent before the switch is always claimed legacy. */
  readonly epoch: boolean;
  /** Such a message waits while its pin is on order. */
  readonly epochWait: boolean;
  /**
   * What becomes of the consumer's own copy of a message that a tap has claimed, when the bridge finds it: it is taken
   * from the tap and forwarded, as soon as the pin allows; or without a look at the pin; or it is taken for a duplicate.
   */
  readonly tap?: "taken" | "forced" | "acknowledged";
}

export interface AttachScenario {
  readonly messages: number;
  /** Crashes of the legacy consumer after its effect: the message returns to the source queue. */
  readonly crashes: number;
}

type Path = "legacy" | "order";

interface Message {
  readonly publishedAfterSwitch: boolean;
  readonly claim: Path | null;
  /** Claimed by the tap, and not taken from it since. */
  readonly tapped: boolean;
  readonly order: "none" | "queued" | "busy" | "ended";
  readonly legacyEffects: number;
  readonly orderEffects: number;
}

export interface AttachState {
  readonly flag: Path;
  readonly operatorSteps: 0 | 1 | 2;
  /** The old consumer on the source: subscribed or mapped, being removed, removed. */
  readonly old: "on" | "leaving" | "off";
  readonly bridgeOn: boolean;
  readonly crashes: number;
  readonly messages: readonly Message[];
  readonly source: readonly { readonly message: number; readonly returned: boolean }[];
  readonly directCopies: readonly number[];
  readonly toBridge: readonly number[];
  /** Copies in the tap's own queue. */
  readonly atTap: readonly number[];
  readonly forwarded: readonly number[];
  readonly worker: { readonly message: number; readonly from: "source" | "direct" | "forwarded" } | null;
  readonly pin: { readonly path: Path; readonly open: readonly number[] } | null;
}

type AttachMoves = Moves<AttachState, AttachCheck>;
type WorkSource = "source" | "direct" | "forwarded";

export function attach(rules: AttachRules, scenario: AttachScenario): Model<AttachState, AttachCheck> {
  return {
    initial: {
      flag: "legacy",
      operatorSteps: 0,
      old: "on",
      bridgeOn: false,
      crashes: scenario.crashes,
      messages: [],
      source: [],
      directCopies: [],
      toBridge: [],
      atTap: [],
      forwarded: [],
      worker: null,
      pin: null,
    },
    moves(state) {
      const moves: AttachMoves = new Moves();
      operatorMoves(rules, state, moves);
      if (state.messages.length < scenario.messages) publishMoves(rules, state, moves);
      legacyMoves(state, moves);
      bridgeMoves(rules, state, moves);
      tapMoves(state, moves);
      orderMoves(state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: (state) => brokenIn(scenario, state),
    brokenAtRest: ({ messages }) =>
      messages.some(({ legacyEffects, orderEffects }) => legacyEffects + orderEffects === 0) ? ["P1 message lost"] : [],
  };
}

function operatorMoves(rules: AttachRules, state: AttachState, moves: AttachMoves): void {
  const { operatorSteps, old } = state;
  const bridgeFirst = rules.shape === "topic" || rules.mappings === "overlap";
  if (operatorSteps < 2) {
    const done: AttachState = { ...state, operatorSteps: operatorSteps === 0 ? 1 : 2 };
    if (bridgeFirst === (operatorSteps === 0)) moves.step("operator attaches the bridge", { ...done, bridgeOn: true });
    // A topic accepts the removal at once and carries it out later.
    else
      moves.step("operator detaches the old consumer", { ...done, old: rules.shape === "topic" ? "leaving" : "off" });
  }
  if (old === "leaving") moves.step("the old subscription is gone everywhere", { ...state, old: "off" });
  const workLeft = state.directCopies.length > 0 || state.source.some(({ returned }) => returned);
  const drained = old === "off" && state.worker === null && !workLeft;
  if (operatorSteps === 2 && state.flag === "legacy" && (!rules.gate || drained)) {
    moves.step("operator raises the flag", { ...state, flag: "order" });
  }
}

function publishMoves(rules: AttachRules, state: AttachState, moves: AttachMoves): void {
  const message = state.messages.length;
  const published: AttachState = {
    ...state,
    messages: [
      ...state.messages,
      {
        // At a topic, the switch is over when the removal has reached every partition.
        publishedAfterSwitch: state.operatorSteps === 2 && state.old === "off",
        claim: null,
        tapped: false,
        order: "none",
        legacyEffects: 0,
        orderEffects: 0,
      },
    ],
  };
  if (rules.shape === "queue") {
    const source = [...state.source, { message, returned: false }];
    const atTap = rules.tap === undefined ? state.atTap : added(state.atTap, message);
    moves.step(`m${message} is published`, { ...published, source, atTap });
    return;
  }
  const toBridge = state.bridgeOn ? added(state.toBridge, message) : state.toBridge;
  const directCopies = state.old === "off" ? state.directCopies : added(state.directCopies, message);
  moves.step(`m${message} is published`, { ...published, toBridge, directCopies });
  if (state.old === "leaving") {
    moves.step(`m${message} is published where the old subscription is gone`, {
      ...published,
      toBridge: added(state.toBridge, message),
    });
  }
}

const added = (list: readonly number[], message: number): readonly number[] => [...list, message].sort();

/** The legacy consumer does one message at a time, from whichever place it comes. */
function legacyMoves(state: AttachState, moves: AttachMoves): void {
  const { worker } = state;
  if (worker) {
    const { message, from } = worker;
    const ended: AttachState = { ...state, worker: null };
    const isClaimed = from === "forwarded" || state.messages[message]?.tapped;
    moves.step(`legacy ends m${message}`, isClaimed ? unpinned(ended, message) : ended);
    if (state.crashes > 0 && from === "source") {
      moves.fault(`legacy crashes after its effect, m${message} returns`, {
        ...ended,
        crashes: state.crashes - 1,
        source: [...state.source, { message, returned: true }].sort((a, b) => a.message - b.message),
      });
    }
    return;
  }
  state.directCopies.forEach((message, index) => {
    begin({ ...state, directCopies: without(state.directCopies, index) }, message, "direct", moves);
  });
  state.forwarded.forEach((message, index) => {
    begin({ ...state, forwarded: without(state.forwarded, index) }, message, "forwarded", moves);
  });
  if (state.old !== "on") return;
  state.source.forEach(({ message }, index) => {
    begin({ ...state, source: without(state.source, index) }, message, "source", moves);
  });
}

function begin(taken: AttachState, message: number, from: WorkSource, moves: AttachMoves): void {
  const legacyEffects = (taken.messages[message]?.legacyEffects ?? 0) + 1;
  const begun: AttachState = { ...withMessage(taken, message, { legacyEffects }), worker: { message, from } };
  moves.step(`legacy begins m${message} (${from})`, begun);
}

function bridgeMoves(rules: AttachRules, state: AttachState, moves: AttachMoves): void {
  if (state.bridgeOn) {
    state.source.forEach(({ message }, index) => {
      const taken = { ...state, source: without(state.source, index), toBridge: added(state.toBridge, message) };
      moves.step(`bridge takes m${message}`, taken);
    });
  }
  state.toBridge.forEach((number, index) => {
    const message = state.messages[number];
    if (!message) return;
    if (message.tapped) {
      const rest = { ...state, toBridge: without(state.toBridge, index) };
      takeFromTap(rules, rest, number, moves);
      return;
    }
    const sentBefore = rules.epoch && !message.publishedAfterSwitch;
    if (rules.epochWait && sentBefore && message.claim === null && state.pin?.path === "order") return;
    const path = message.claim ?? (sentBefore ? "legacy" : (state.pin?.path ?? state.flag));
    const taken = { ...state, toBridge: without(state.toBridge, index) };
    const claimed = message.claim ? taken : pinned(withMessage(taken, number, { claim: path }), number, path);
    moves.step(`bridge ingests m${number}, ${path}`, sendOn(rules, claimed, number, path));
  });
}

/** The old consumer's own copy of a message that the tap has claimed. */
function takeFromTap(rules: AttachRules, rest: AttachState, number: number, moves: AttachMoves): void {
  if (rules.tap === "acknowledged") {
    moves.step(`bridge takes m${number} for a duplicate`, rest);
    return;
  }
  const busy = rest.pin?.path === "order";
  if (busy && rules.tap === "taken") return;
  const taken = withMessage(rest, number, { tapped: false });
  const joined = busy || rest.pin?.open.includes(number) ? taken : pinned(taken, number, "legacy");
  moves.step(`bridge takes m${number} from the tap`, { ...joined, forwarded: added(rest.forwarded, number) });
}

/** The tap claims what nobody has claimed, without the pin where an order holds it; and an end that it missed is found. */
function tapMoves(state: AttachState, moves: AttachMoves): void {
  state.atTap.forEach((number, index) => {
    const rest = { ...state, atTap: without(state.atTap, index) };
    if (state.messages[number]?.claim) {
      moves.step(`tap acknowledges m${number}`, rest);
      return;
    }
    const claimed = withMessage(rest, number, { claim: "legacy", tapped: true });
    moves.step(`tap claims m${number}`, state.pin?.path === "order" ? claimed : pinned(claimed, number, "legacy"));
  });
  state.messages.forEach(({ tapped, legacyEffects }, number) => {
    const copies = [...state.source.map(({ message }) => message), ...state.toBridge];
    const done = tapped && legacyEffects > 0 && state.worker?.message !== number && !copies.includes(number);
    if (done && state.pin?.open.includes(number)) moves.step(`reconcile ends m${number}`, unpinned(state, number));
  });
}

function sendOn(rules: AttachRules, state: AttachState, message: number, path: Path): AttachState {
  if (path === "order") return withMessage(state, message, { order: "queued" });
  if (rules.suppress && state.old !== "off") return unpinned(state, message);
  return { ...state, forwarded: added(state.forwarded, message) };
}

function orderMoves(state: AttachState, moves: AttachMoves): void {
  state.messages.forEach(({ order, orderEffects }, message) => {
    if (order === "queued") {
      const begun = withMessage(state, message, { order: "busy", orderEffects: orderEffects + 1 });
      moves.step(`order worker begins m${message}`, begun);
    }
    if (order === "busy") {
      moves.step(`order worker ends m${message}`, unpinned(withMessage(state, message, { order: "ended" }), message));
    }
  });
}

function withMessage(state: AttachState, index: number, change: Partial<Message>): AttachState {
  const message = state.messages[index];
  if (!message) throw new Error(`no message ${index} in this model`);
  return { ...state, messages: replaced(state.messages, index, { ...message, ...change }) };
}

function pinned(state: AttachState, message: number, path: Path): AttachState {
  const { pin } = state;
  return { ...state, pin: pin ? { ...pin, open: [...pin.open, message] } : { path, open: [message] } };
}

function unpinned(state: AttachState, message: number): AttachState {
  if (!state.pin) return state;
  const open = state.pin.open.filter((entry) => entry !== message);
  return { ...state, pin: open.length > 0 ? { ...state.pin, open } : null };
}

function brokenIn(scenario: AttachScenario, state: AttachState): AttachCheck[] {
  const broken: AttachCheck[] = [];
  const orderAtWork = state.messages.some(({ order }) => order === "busy");
  if (state.worker && orderAtWork) broken.push("P4 legacy and order at work at once");
  // A consumer that crashed may repeat its own effect: the bridge adds no second delivery.
  const allowed = 1 + scenario.crashes - state.crashes;
  for (const { legacyEffects, orderEffects } of state.messages) {
    if (legacyEffects > 0 && orderEffects > 0) broken.push("P2 a message took both paths");
    if (legacyEffects > allowed) broken.push("TWICE legacy consumer did a message twice");
  }
  return broken;
}
