// Model S: one message in shadow. It is claimed under its pin, forwarded, marked and planned; the legacy consumer works it,
// and the plan ends when it likes, and so does its twin, which is started behind it and may get lost. An order placed
// directly waits for the same pin.
import { type Model, Moves } from "./explore.ts";

export type ShadowCheck =
  | "P1 the message never reaches the legacy consumer"
  | "P4 legacy and order at work at once"
  | "X3 given up while its message was on its way"
  | "X3 a twin's end is taken for the plan's"
  | "X3 the shadow never ends";

export interface ShadowRules {
  /** The plan is started after the mark, and not before the forward. */
  readonly planLast: boolean;
  /** A start that fails is the shadow's failure, and the record goes on. */
  readonly failureIsItsOwn: boolean;
  /** The plan's end is written beside the claim's own, which it does not touch. */
  readonly endIsItsOwn: boolean;
  /** A twin's end is written beside the plan's, which it does not touch. */
  readonly twinIsItsOwn: boolean;
  /** Reconcile takes an order that is not found for one that never began, once its message is marked as forwarded. */
  readonly givesUp: "never" | "when forwarded" | "always";
}

const STEPS = { last: ["forward", "mark", "plan"], first: ["plan", "forward", "mark"] } as const;
type Step = (typeof STEPS)["last"][number];

export interface ShadowState {
  readonly receives: number;
  readonly acknowledged: boolean;
  /** What the delivery in hand does next; `away` between deliveries. */
  readonly next: Step | "acknowledge" | "away";
  readonly claimed: boolean;
  readonly marked: boolean;
  readonly pinned: boolean;
  readonly legacy: "none" | "queued" | "busy" | "done";
  readonly plan: "none" | "running" | "ended";
  readonly event: boolean;
  /** Nobody looks for one that gets lost: the baseline then lacks a sample. */
  readonly twin: "none" | "running" | "ended" | "told" | "lost";
  readonly shadow: "open" | "planned" | "not started" | "given up";
  readonly order: "waiting" | "busy" | "done";
  readonly crashes: number;
  readonly failures: number;
  readonly losses: number;
}

export interface ShadowScenario {
  readonly receives: number;
  readonly crashes: number;
  /** Starts that fail. */
  readonly failures: number;
  /** Status events that are lost. */
  readonly losses: number;
}

type Found = Moves<ShadowState, ShadowCheck>;

export function shadow(rules: ShadowRules, scenario: ShadowScenario): Model<ShadowState, ShadowCheck> {
  const steps = STEPS[rules.planLast ? "last" : "first"];
  const then = (step: Step) => steps[steps.indexOf(step) + 1] ?? "acknowledge";
  const told = (state: ShadowState): ShadowState => ({
    ...state,
    ...(state.shadow === "open" && { shadow: "planned" }),
    ...(!rules.endIsItsOwn && { pinned: false }),
  });

  function ingest(state: ShadowState, moves: Found): void {
    const { next } = state;
    if (next === "away") {
      if (state.acknowledged || state.receives === 0) return;
      const begun = { ...state, receives: state.receives - 1 };
      const claim = state.claimed ? {} : { claimed: true, pinned: true };
      moves.step("a delivery begins", { ...begun, ...claim, next: state.marked ? "acknowledge" : steps[0] });
      return;
    }
    if (state.crashes > 0) moves.fault("ingest crashes", { ...state, next: "away", crashes: state.crashes - 1 });
    switch (next) {
      case "acknowledge":
        moves.step("ingest acknowledges", { ...state, next: "away", acknowledged: true });
        return;
      case "forward":
        // FIFO: a second send is dropped.
        moves.step("ingest forwards", {
          ...state,
          next: then(next),
          legacy: state.legacy === "none" ? "queued" : state.legacy,
        });
        return;
      case "mark":
        moves.step("ingest marks", { ...state, next: then(next), marked: true });
        return;
      case "plan": {
        const begins = state.shadow === "open" && state.plan === "none";
        const started: ShadowState = { ...state, next: then(next), plan: begins ? "running" : state.plan };
        const twin = state.twin === "none" ? "running" : state.twin;
        moves.step("the plan starts, and its twin", { ...started, twin });
        if (!begins || state.failures === 0) return;
        moves.fault("the plan starts alone", { ...started, failures: state.failures - 1, twin: "lost" });
        const failed = { ...state, failures: state.failures - 1 };
        if (!rules.failureIsItsOwn) moves.fault("the start fails the record", { ...failed, next: "away" });
        else moves.fault("the start fails", { ...failed, next: then(next), shadow: "not started" });
      }
    }
  }

  function others(state: ShadowState, moves: Found): void {
    if (state.legacy === "queued") moves.step("the legacy consumer begins", { ...state, legacy: "busy" });
    // Its end ends the claim, which releases the pin.
    if (state.legacy === "busy") moves.step("the legacy consumer ends", { ...state, legacy: "done", pinned: false });
    if (state.order === "waiting" && state.claimed && !state.pinned)
      moves.step("the order begins", { ...state, order: "busy" });
    if (state.order === "busy") moves.step("the order ends", { ...state, order: "done" });
    if (state.plan === "running") moves.step("the plan ends", { ...state, plan: "ended", event: true });
    if (state.event) {
      moves.step("the event is told", { ...told(state), event: false });
      if (state.losses > 0) moves.fault("the event is lost", { ...state, event: false, losses: state.losses - 1 });
    }
    if (state.twin === "running") moves.step("the twin ends", { ...state, twin: "ended" });
    if (state.twin === "ended") {
      const ended = { ...state, twin: "told" as const };
      moves.step("the twin's event is told", rules.twinIsItsOwn ? ended : told(ended));
      if (state.losses > 0) moves.fault("its event is lost", { ...state, twin: "lost", losses: state.losses - 1 });
    }
    if (state.shadow !== "open" || !state.claimed) return;
    if (state.plan === "ended" && !state.event) moves.step("reconcile finds the end", told(state));
    const mayGiveUp = rules.givesUp === "always" || (rules.givesUp === "when forwarded" && state.marked);
    // Its bound is longer than a function lives: whoever was to start the plan is gone.
    if (state.plan === "none" && state.next === "away" && mayGiveUp)
      moves.step("reconcile gives up", { ...state, shadow: "given up" });
  }

  return {
    initial: {
      ...scenario,
      ...{ acknowledged: false, next: "away", claimed: false, marked: false, pinned: false },
      ...{ legacy: "none", plan: "none", event: false, twin: "none", shadow: "open", order: "waiting" },
    },
    moves(state) {
      const moves: Found = new Moves();
      ingest(state, moves);
      others(state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn: (state) => [
      ...(state.legacy === "busy" && state.order === "busy" ? (["P4 legacy and order at work at once"] as const) : []),
      ...(state.shadow === "given up" && !state.marked
        ? (["X3 given up while its message was on its way"] as const)
        : []),
      ...(state.shadow === "planned" && state.plan !== "ended"
        ? (["X3 a twin's end is taken for the plan's"] as const)
        : []),
    ],
    brokenAtRest: (state) => [
      ...(state.legacy === "done" ? [] : (["P1 the message never reaches the legacy consumer"] as const)),
      ...(state.shadow === "open" ? (["X3 the shadow never ends"] as const) : []),
    ],
  };
}
