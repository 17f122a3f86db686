// Who moves here: the flag, the queue that delivers, and ingest (claim and pin, act, mark, acknowledge).
import { type Moves, replaced, without } from "../explore.ts";
import { byHandler, hasEnded, pinWith, requestAt, spend, withRequest, withStatus } from "./changes.ts";
import type { Claim, CrossingCheck, CrossingState, Handler, MessageState, Path, Setting } from "./state.ts";

/** Under a lease a message is delivered at most this often, which keeps the model finite. */
const MAX_LEASE_DELIVERIES = 4;

export function ingestMoves(setting: Setting, state: CrossingState, moves: Moves<CrossingState, CrossingCheck>): void {
  if (state.budget.flips > 0) {
    const flag = state.flag === "legacy" ? "order" : "legacy";
    moves.fault(`flag flips to ${flag}`, { ...spend(state, "flips"), flag });
  }
  state.messages.forEach((message, index) => {
    if (message.deliveriesLeft === 0 || message.acknowledged) return;
    moves.step(`deliver m${index}, flag is ${state.flag}`, deliver(setting, state, index, message));
  });
  state.handlers.forEach((handler, index) => {
    const before = state.handlers[index - 1];
    if (before && byHandler(before, handler) === 0) return; // the same moves again
    const label = `handler of m${handler.message}${setting.rules.lease ? `/${handler.delivery}` : ""}`;
    moves.step(`${label}: ${handler.next}`, act(setting, state, handler, index));
    if (state.budget.crashes > 0) {
      moves.fault(`${label}: crash before ${handler.next}`, dropHandler(spend(state, "crashes"), handler, index, true));
    }
  });
}

function deliver({ rules }: Setting, state: CrossingState, index: number, message: MessageState): CrossingState {
  const delivery = rules.lease ? message.delivered + 1 : 0;
  const handler: Handler = { message: index, delivery, next: "claim", wanted: state.flag, sawDrainedPin: false };
  const left = { ...message, deliveriesLeft: message.deliveriesLeft - 1, delivered: delivery };
  return {
    ...state,
    messages: replaced(state.messages, index, left),
    handlers: [...state.handlers, handler].sort(byHandler),
  };
}

function act(setting: Setting, state: CrossingState, handler: Handler, index: number): CrossingState {
  const request = requestOf(setting, handler);
  const { claim, execution } = requestAt(state, request);
  const goTo = (to: CrossingState, next: Handler["next"]) => withHandler(to, index, { ...handler, next });
  switch (handler.next) {
    case "claim":
      return claim ? meetClaim(setting, state, handler, index, claim) : makeClaim(setting, state, handler, index);
    case "send":
      return goTo(claim ? forward(setting, state, request, claim) : state, "mark");
    case "mark":
      return goTo(claim ? markForwarded(state, request, claim) : state, "ack");
    case "start":
      return goTo(execution ? state : withStatus(state, request, {}), "ack");
    case "ack":
      return acknowledge(state, handler, index);
  }
}

/** The first delivery of a request: one transaction decides its path and opens its pin entry. */
function makeClaim(setting: Setting, state: CrossingState, handler: Handler, index: number): CrossingState {
  const { rules } = setting;
  const request = requestOf(setting, handler);
  const { pin } = state;
  let path: Path = handler.wanted;
  let free = pin === null || pin.path === path;
  if (rules.pin && pin && !free) {
    const drained = pin.open.every((entry) => hasEnded(setting, state, entry));
    if (rules.takeover === "compare-and-swap") free = drained;
    if (rules.takeover === "blind") {
      if (drained && !handler.sawDrainedPin) return withHandler(state, index, { ...handler, sawDrainedPin: true });
      free = handler.sawDrainedPin; // seen drained once, written later without looking again
    }
    if (!free) path = pin.path;
  }
  const owner = rules.lease && path === "legacy" ? ownerOf(handler) : null;
  const claim: Claim = { path, forwarded: false, sent: false, leaseOwner: owner, takenOver: false };
  const pinned = rules.pin ? { ...state, pin: pinWith(pin, path, { request, generation: 0 }) } : state;
  const next = path === "order" ? "start" : "send";
  return withHandler(withRequest(pinned, request, { claim }), index, { ...handler, next });
}

/** The claim stands: it decides the path, and under a lease also whose turn it is to forward. */
function meetClaim(
  setting: Setting,
  state: CrossingState,
  handler: Handler,
  index: number,
  claim: Claim,
): CrossingState {
  const toForward = claim.path === "legacy" && !claim.forwarded;
  if (setting.rules.lease && toForward && claim.leaseOwner !== ownerOf(handler)) {
    const ownerLives = state.handlers.some((other) => ownerOf(other) === claim.leaseOwner);
    if (ownerLives)
      return dropHandler(state, handler, index, messageAt(state, handler).delivered < MAX_LEASE_DELIVERIES);
    const takenOver = { ...claim, leaseOwner: ownerOf(handler), takenOver: true };
    const taken = withRequest(state, requestOf(setting, handler), { claim: takenOver });
    return withHandler(taken, index, { ...handler, next: "send" });
  }
  const next = claim.path === "order" ? "start" : claim.forwarded ? "ack" : "send";
  return withHandler(state, index, { ...handler, next });
}

function forward({ rules }: Setting, state: CrossingState, request: number, claim: Claim): CrossingState {
  const { row, copiesQueued } = requestAt(state, request);
  if (rules.rowCheck && claim.takenOver && row && row.status !== "RECEIVED") return state;
  const deduplicated = rules.fifo && claim.sent;
  return withRequest(state, request, {
    copiesQueued: deduplicated ? copiesQueued : copiesQueued + 1,
    claim: { ...claim, sent: rules.fifo },
  });
}

function markForwarded(state: CrossingState, request: number, claim: Claim): CrossingState {
  return withRequest(state, request, { claim: { ...claim, forwarded: true, leaseOwner: null, takenOver: false } });
}

function acknowledge(state: CrossingState, handler: Handler, index: number): CrossingState {
  const message = { ...messageAt(state, handler), acknowledged: true };
  return {
    ...state,
    messages: replaced(state.messages, handler.message, message),
    handlers: without(state.handlers, index),
  };
}

/** The handler is gone; where asked, an unacknowledged message comes back from the queue at least once more. */
function dropHandler(state: CrossingState, handler: Handler, index: number, again: boolean): CrossingState {
  const handlers = without(state.handlers, index);
  const message = messageAt(state, handler);
  if (!again || message.acknowledged || message.deliveriesLeft > 0) return { ...state, handlers };
  return { ...state, handlers, messages: replaced(state.messages, handler.message, { ...message, deliveriesLeft: 1 }) };
}

function withHandler(state: CrossingState, index: number, handler: Handler): CrossingState {
  return { ...state, handlers: [...without(state.handlers, index), handler].sort(byHandler) };
}

const ownerOf = (handler: Handler): string => `m${handler.message}/${handler.delivery}`;

function requestOf({ scenario }: Setting, handler: Handler): number {
  const message = scenario.messages[handler.message];
  if (!message) throw new Error(`no message ${handler.message} in this model`);
  return message.request;
}

function messageAt(state: CrossingState, handler: Handler): MessageState {
  const message = state.messages[handler.message];
  if (!message) throw new Error(`no message ${handler.message} in this model`);
  return message;
}
