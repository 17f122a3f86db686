import type { Call } from "./calls.ts";
import type { Journal, Kept } from "./journal.ts";
import type { Mapping } from "./mapping.ts";
import { depthOf, type Place, type QueueSight, type Seen } from "./seen.ts";
import type { StepName } from "./steps.ts";

/** Where a step stands: what there is to do, to wait for, or to remember. */
export type Standing =
  | { readonly kind: "done"; readonly kept: Kept }
  /** `kept` is remembered before the calls. */
  | { readonly kind: "do"; readonly calls: readonly Call[]; readonly kept?: Kept }
  /** `seconds`: how long at least; unknown where it is for others to end. */
  | { readonly kind: "wait"; readonly why: string; readonly seconds?: number; readonly kept?: Kept }
  | { readonly kind: "person"; readonly says: string }
  | { readonly kind: "refused"; readonly says: string };

export interface View {
  readonly place: Place;
  readonly journal: Journal;
  readonly seen: Seen;
}

/**
 * Milliseconds by which the clocks of the operator, of Lambda and of SQS may differ, and for which a topic may go on
 * delivering to a subscription that has ended.
 */
export const SKEW_MS = 60_000;

export type Look = (view: View) => Standing;

export const done = ({ journal }: View, kept: Partial<Kept> = {}): Standing => ({
  kind: "done",
  kept: { ...journal.kept, ...kept },
});
export const call = (...calls: Call[]): Standing => ({ kind: "do", calls });

/** Waits until so many seconds after a time; `from` is undefined while that is still to come. */
export function elapsed(view: View, from: number | undefined, seconds: number, why: string): Standing {
  const left = from === undefined ? seconds : Math.ceil((from + seconds * 1000 - view.seen.now) / 1000);
  return left > 0 ? { kind: "wait", why, seconds: left } : done(view);
}

/** A mapping that is to be on, or off: what is there to do about it. `undefined` where it is so. */
export function switching(mapping: Mapping | undefined, on: boolean, what: string): Standing | undefined {
  if (mapping === undefined) return { kind: "refused", says: `${what} is gone: somebody has deleted it` };
  const { id: UUID, state } = mapping;
  if (state === (on ? "Enabled" : "Disabled")) return undefined;
  if (state === (on ? "Disabled" : "Enabled")) {
    return call({ service: "lambda", action: "UpdateEventSourceMapping", input: { UUID, Enabled: on } });
  }
  return { kind: "wait", why: `until ${what} is ${on ? "on" : "off"} (${state})` };
}

/**
 * Before the old consumer is switched on, or off, nothing is known of since when it is off: an operator may turn back
 * between the call and the next look, and its deliveries are awaited anew then (D14).
 */
export const notOffSince = <S extends Standing | undefined>({ journal }: View, standing: S): S | Standing =>
  standing?.kind === "do"
    ? { ...standing, kept: { ...journal.kept, ...standing.kept, oldOffAt: undefined, oldChangedAt: undefined } }
    : standing;

/** A queue counts as empty once nothing was seen in it for as long as a message can be in hand, or its counts be late. */
export function emptied(view: View, queue: QueueSight | undefined, what: string): Standing {
  if (queue === undefined) return done(view);
  const depth = depthOf(queue);
  const seconds = Math.max(queue.visibilitySeconds, Math.ceil(view.place.settleMs / 1000));
  const why = `until ${what} is empty`;
  const { emptyAt, ...kept } = view.journal.kept;
  if (depth > 0) return { kind: "wait", why: `${why} (${depth} messages)`, ...(emptyAt !== undefined && { kept }) };
  if (emptyAt === undefined) {
    return { kind: "wait", why, seconds, kept: { ...kept, emptyAt: view.seen.now } };
  }
  const wait = elapsed(view, emptyAt, seconds, `${why} for that long`);
  return wait.kind === "done" ? { kind: "done", kept } : wait;
}

/** Some of the steps, and how each is looked at. */
export type Looks<Step extends StepName> = Readonly<Record<Step, Look>>;
