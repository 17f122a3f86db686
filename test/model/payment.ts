// Model B: the charge of one order of two items. finish-order (retried by Step Functions, whose earlier invocations may
// still be alive) captures; settle (after a failed or stopped order) settles; an operator stops and redrives.
// The provider holds an authorisation that is either captured or cancelled; after one it refuses the other.
import { type Model, Moves, replaced, without } from "./explore.ts";

export type PaymentCheck =
  | "P7 charge left open"
  | "P7 captured for an item that is not done"
  | "P7 captured for an item whose row is not COMPLETED"
  | "P7 row COMPLETED, not captured, silently"
  | "P7 item done, row FAILED, not captured, silently"
  | "UNPAID item done, not captured, flagged"
  | "STALE settled for an order that was redriven";

export interface PaymentRules {
  /** One conditional write decides capture or cancel; everybody carries out what is decided. */
  readonly register: boolean;
  /** An effect begins only under a write that finds the charge undecided and the generation current. */
  readonly workGate: boolean;
  /** Settle goes back to its queue while an effect is open. */
  readonly settleWaits: boolean;
  /** Settle captures what is known done, and cancels only if nothing is. */
  readonly settleCaptures: boolean;
  /** A redrive first raises the order's generation while it is undecided; settle drops ends of older generations. */
  readonly generation: boolean;
}

export interface PaymentScenario {
  readonly stops: number;
  readonly redrives: number;
  /** Times that finish-order may be out of retries while an invocation is still alive. */
  readonly finishTimeouts: number;
}

type Decision = { readonly kind: "capture"; readonly items: readonly number[] } | { readonly kind: "cancel" };

interface Item {
  /** Orphaned: busy in an order that was stopped. */
  readonly work: "idle" | "busy" | "orphaned" | "done" | "refused";
  /** What the order's state has been told. */
  readonly known: "nothing" | "done" | "refused";
  readonly row: "" | "COMPLETED" | "FAILED" | "DONE_UNPAID";
}

interface Settle {
  readonly next: "charge" | "rows";
  readonly generation: number;
}

export interface PaymentState {
  readonly order: "RUNNING" | "SUCCEEDED" | "ENDED";
  readonly redrives: number;
  /** The generation in the ledger: redrives made through the bridge's own command. */
  readonly generation: number;
  readonly budget: PaymentScenario & { readonly finishInvocations: number; readonly repeatedEvents: number };
  readonly items: readonly Item[];
  readonly finishes: readonly ("decide" | "pay" | "return")[];
  readonly charge: "AUTHORISED" | "CAPTURED" | "CANCELLED";
  readonly captured: readonly number[];
  readonly decision: Decision | null;
  /** Generations of the unsuccessful ends whose events are still in the queue. */
  readonly endEvents: readonly number[];
  readonly settles: readonly Settle[];
  readonly fence: number;
}

type PaymentMoves = Moves<PaymentState, PaymentCheck>;

const indexesOf = (items: readonly Item[], test: (item: Item) => boolean): number[] =>
  items.flatMap((item, index) => (test(item) ? [index] : []));

const capturing = (decision: Decision | null, item: number): boolean =>
  decision?.kind === "capture" && decision.items.includes(item);

export function payment(rules: PaymentRules, scenario: PaymentScenario): Model<PaymentState, PaymentCheck> {
  const untouched: Item = { work: "idle", known: "nothing", row: "" };
  return {
    initial: {
      order: "RUNNING",
      redrives: 0,
      generation: 0,
      budget: { ...scenario, finishInvocations: 2, repeatedEvents: 2 },
      items: [untouched, untouched],
      finishes: [],
      charge: "AUTHORISED",
      captured: [],
      decision: null,
      endEvents: [],
      settles: [],
      fence: -1,
    },
    moves(state) {
      const moves: PaymentMoves = new Moves();
      itemMoves(rules, state, moves);
      finishMoves(rules, state, moves);
      operatorMoves(rules, state, moves);
      settleMoves(rules, state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: () => [],
    brokenAtRest,
  };
}

function itemMoves(rules: PaymentRules, state: PaymentState, moves: PaymentMoves): void {
  state.items.forEach((item, index) => {
    const becomes = (change: Partial<Item>) => ({
      ...state,
      items: replaced(state.items, index, { ...item, ...change }),
    });
    if (state.order === "RUNNING" && item.work === "idle") {
      const closed = state.decision !== null || (rules.generation && state.generation !== state.redrives);
      if (rules.workGate && closed)
        moves.step(`item ${index}: refused`, becomes({ work: "refused", known: "refused" }));
      else moves.step(`item ${index}: begins`, becomes({ work: "busy" }));
    }
    if (item.work === "busy") moves.step(`item ${index}: done`, becomes({ work: "done", known: "done" }));
    if (item.work === "orphaned") {
      // Whoever waits for open effects learns their results from the ledger; otherwise nobody hears of this one.
      moves.step(
        `item ${index}: done, unheard`,
        becomes({ work: "done", known: rules.settleWaits ? "done" : item.known }),
      );
    }
  });
}

function finishMoves(rules: PaymentRules, state: PaymentState, moves: PaymentMoves): void {
  const { budget, finishes } = state;
  if (state.order === "RUNNING" && state.items.every((item) => item.known !== "nothing")) {
    if (budget.finishInvocations > 0) {
      const invoked = { ...budget, finishInvocations: budget.finishInvocations - 1 };
      moves.step("finish-order invoked", { ...withFinishes(state, [...finishes, "decide"]), budget: invoked });
    } else if (finishes.length === 0) {
      moves.step("finish-order out of retries, order fails", orderFails(state));
    } else if (budget.finishTimeouts > 0) {
      moves.fault("finish-order timed out, order fails", orderFails(state));
    }
  }
  finishes.forEach((next, index) => {
    const rest = without(finishes, index);
    if (next === "decide")
      moves.step("finish-order decides", withFinishes(finishDecides(rules, state), [...rest, "pay"]));
    if (next === "pay") {
      const paid = carryOut(state, rules.register ? state.decision : capture(knownDone(state)));
      moves.step("finish-order calls the provider", withFinishes(paid, [...rest, "return"]));
      moves.fault("finish-order calls the provider and dies", withFinishes(paid, rest));
    }
    if (next === "return") moves.step("finish-order returns", withFinishes(orderSucceeds(rules, state), rest));
  });
}

const withFinishes = (state: PaymentState, finishes: PaymentState["finishes"]): PaymentState => ({
  ...state,
  finishes: [...finishes].sort(),
});

const knownDone = (state: PaymentState): number[] => indexesOf(state.items, (item) => item.known === "done");
const capture = (items: readonly number[]): Decision => ({ kind: "capture", items });

function finishDecides(rules: PaymentRules, state: PaymentState): PaymentState {
  if (!rules.register || state.decision) return state;
  return { ...state, decision: capture(knownDone(state)) };
}

/** The provider refuses what contradicts an earlier call, and repeats the answer to an equal one. */
function carryOut(state: PaymentState, decision: Decision | null): PaymentState {
  if (!decision || state.charge !== "AUTHORISED") return state;
  if (decision.kind === "cancel") return { ...state, charge: "CANCELLED" };
  return { ...state, charge: "CAPTURED", captured: decision.items };
}

function orderFails(state: PaymentState): PaymentState {
  const finishTimeouts = Math.max(0, state.budget.finishTimeouts - 1);
  const endEvents = [...state.endEvents, state.redrives];
  return { ...state, order: "ENDED", endEvents, budget: { ...state.budget, finishTimeouts } };
}

function orderSucceeds(rules: PaymentRules, state: PaymentState): PaymentState {
  if (state.order !== "RUNNING") return state;
  const items = state.items.map((item, index): Item => {
    const unpaid = rules.register && !capturing(state.decision, index);
    return { ...item, row: item.known !== "done" ? "FAILED" : unpaid ? "DONE_UNPAID" : "COMPLETED" };
  });
  return { ...state, order: "SUCCEEDED", fence: state.redrives * 8 + 7, items };
}

function operatorMoves(rules: PaymentRules, state: PaymentState, moves: PaymentMoves): void {
  const { budget } = state;
  if (state.order === "RUNNING" && budget.stops > 0) {
    const items = state.items.map((item): Item => (item.work === "busy" ? { ...item, work: "orphaned" } : item));
    const endEvents = [...state.endEvents, state.redrives];
    moves.fault("order stopped", {
      ...state,
      order: "ENDED",
      items,
      endEvents,
      budget: { ...budget, stops: budget.stops - 1 },
    });
  }
  if (state.order === "ENDED" && budget.redrives > 0) {
    const finishInvocations = Math.max(budget.finishInvocations, 1);
    const again: PaymentState = {
      ...state,
      order: "RUNNING",
      redrives: state.redrives + 1,
      budget: { ...budget, redrives: budget.redrives - 1, finishInvocations },
    };
    moves.fault("order redriven from the console", again);
    if (rules.generation && !state.decision) {
      moves.fault("order redriven by crossfade redrive", { ...again, generation: state.generation + 1 });
    }
  }
}

function settleMoves(rules: PaymentRules, state: PaymentState, moves: PaymentMoves): void {
  state.endEvents.forEach((generation, index) => {
    const label = `settle receives the end of generation ${generation}`;
    const received: PaymentState = { ...state, settles: [...state.settles, { next: "charge", generation }] };
    moves.step(label, { ...received, endEvents: without(state.endEvents, index) });
    if (state.budget.repeatedEvents > 0) {
      const repeatedEvents = state.budget.repeatedEvents - 1;
      moves.fault(`${label}, which will repeat`, { ...received, budget: { ...state.budget, repeatedEvents } });
    }
  });
  state.settles.forEach(({ next, generation }, index) => {
    const dropped = { ...state, settles: without(state.settles, index) };
    if (next === "rows") {
      moves.step("settle writes the rows", settleRows(rules, dropped, generation));
      return;
    }
    const effectOpen = state.items.some(({ work }) => work === "busy" || work === "orphaned");
    if (rules.settleWaits && effectOpen) return;
    if (rules.generation && state.generation !== generation) {
      moves.step(`settle drops the end of generation ${generation}`, dropped);
      return;
    }
    const settles = replaced(state.settles, index, { next: "rows" as const, generation });
    moves.step(
      "settle settles the charge",
      { ...settleCharge(rules, state), settles },
      staleSettling(rules, state, generation),
    );
  });
}

/** A redrive made past the bridge is refused at begin; any other must not be settled for its older end. */
function staleSettling(rules: PaymentRules, state: PaymentState, generation: number): PaymentCheck[] {
  const announced = !rules.generation || state.generation === state.redrives;
  const reopened = state.order === "RUNNING" && state.decision === null && state.redrives > generation;
  return announced && reopened ? ["STALE settled for an order that was redriven"] : [];
}

function settleCharge(rules: PaymentRules, state: PaymentState): PaymentState {
  if (!rules.register) return carryOut(state, { kind: "cancel" });
  const done = indexesOf(state.items, (item) => item.work === "done");
  const wanted: Decision = rules.settleCaptures && done.length > 0 ? capture(done) : { kind: "cancel" };
  const decision = state.decision ?? wanted;
  return carryOut({ ...state, decision }, decision);
}

function settleRows(rules: PaymentRules, state: PaymentState, generation: number): PaymentState {
  const fence = generation * 8 + 7;
  if (state.fence > fence) return state;
  const items = state.items.map((item, index): Item => {
    if (!rules.register || item.work !== "done") return { ...item, row: "FAILED" };
    return { ...item, row: capturing(state.decision, index) ? "COMPLETED" : "DONE_UNPAID" };
  });
  return { ...state, fence, items };
}

function brokenAtRest(state: PaymentState): PaymentCheck[] {
  const broken: PaymentCheck[] = [];
  if (state.charge === "AUTHORISED") broken.push("P7 charge left open");
  state.items.forEach(({ work, row }, index) => {
    const paid = state.charge === "CAPTURED" && state.captured.includes(index);
    if (paid && work !== "done") broken.push("P7 captured for an item that is not done");
    if (paid && row !== "COMPLETED") broken.push("P7 captured for an item whose row is not COMPLETED");
    if (!paid && row === "COMPLETED") broken.push("P7 row COMPLETED, not captured, silently");
    if (!paid && work === "done" && row === "FAILED") broken.push("P7 item done, row FAILED, not captured, silently");
    if (!paid && work === "done" && row === "DONE_UNPAID") broken.push("UNPAID item done, not captured, flagged");
  });
  return broken;
}
