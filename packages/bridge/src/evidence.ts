import * as z from "zod";
import { ExecutionStatus } from "./fence.ts";

/** The most events that are kept of one execution, and the most characters of one: a record stays below 8 KB. */
export const MAX_EVENTS = 20;
const MAX_LINE = 200;

/** What Step Functions tells of an unsuccessful end (R4): names and ids, never a payload and never a cause. */
export const Evidence = z.strictObject({
  /** Where the execution broke; of one that was stopped or ran out of time, where it stood. */
  failedState: z.string().max(80).optional(),
  /** The name of the error there. */
  error: z.string().max(100).optional(),
  /** Which item of the Map the state was doing. */
  item: z.int().nonnegative().optional(),
  /** The newest events, oldest first, each as id, type, and the name of its state or error. */
  events: z.array(z.string().max(MAX_LINE)).max(MAX_EVENTS),
});
export type Evidence = z.infer<typeof Evidence>;

/** The evidence of an order as the ledger keeps it; `action`: of the Action in which the order broke or stood. */
export const EvidenceRecord = z.strictObject({
  executionArn: z.string().min(1),
  status: ExecutionStatus,
  generation: z.int().nonnegative(),
  /** Epoch milliseconds: when the execution ended. */
  at: z.int().nonnegative(),
  ...Evidence.shape,
  action: z.strictObject({ requestId: z.string(), executionArn: z.string().min(1), ...Evidence.shape }).optional(),
});
export type EvidenceRecord = z.infer<typeof EvidenceRecord>;

/** One event of an execution's history, without its payload. */
export interface HistoryStep {
  readonly id: number;
  /** 0: follows none. */
  readonly previousId: number;
  readonly type: string;
  /** Of an event that enters or leaves a state. */
  readonly state?: string | undefined;
  readonly error?: string | undefined;
  /** Of an event that begins an iteration of a Map. */
  readonly index?: number | undefined;
}

/** An error's name is code's word. What is none may be somebody's text (who stops an execution may write anything). */
export const nameOnly = (error: string | undefined): string | undefined =>
  error === undefined || /^[A-Za-z][\w.:-]{0,99}$/.test(error) ? error : "(not a name)";

const enters = ({ type }: HistoryStep): boolean => type.endsWith("StateEntered");
const leaves = ({ type }: HistoryStep): boolean => type.endsWith("StateExited");

/** Goes back from a step, itself included, along what each step followed. */
function* backFrom(steps: ReadonlyMap<number, HistoryStep>, from: HistoryStep | undefined): Generator<HistoryStep> {
  for (let step = from; step !== undefined; ) {
    yield step;
    step = step.previousId < step.id ? steps.get(step.previousId) : undefined;
  }
}

interface Break {
  readonly entered: HistoryStep;
  readonly error: string | undefined;
}

/** The entry into the state that a step belongs to; of one that names a state, into that state. */
function entryOf(byId: ReadonlyMap<number, HistoryStep>, step: HistoryStep): HistoryStep | undefined {
  for (const before of backFrom(byId, step)) {
    if (enters(before) && (step.state === undefined || before.state === step.state)) return before;
  }
  return undefined;
}

function breakOf(steps: readonly HistoryStep[], byId: ReadonlyMap<number, HistoryStep>): Break | undefined {
  const left = new Set(steps.filter(leaves).map((step) => entryOf(byId, step)));
  const open = steps.filter((step) => enters(step) && !left.has(step));
  const newest = open.at(-1);
  const ending = steps.at(-1);
  if (newest === undefined || ending === undefined) return undefined;
  if (newest.type === "FailStateEntered") {
    // A Fail state says that something broke before it: the state whose caught error led there.
    const before = byId.get(newest.previousId);
    const caught = before && leaves(before) ? byId.get(before.previousId) : undefined;
    const entered = caught?.error === undefined || before === undefined ? undefined : entryOf(byId, before);
    return entered ? { entered, error: caught?.error } : { entered: newest, error: ending.error };
  }
  // The error of a retry or of a neighbour that was caught is not where it broke: its state has been left.
  const failures = steps.flatMap((step): Break[] => {
    const entered = step === ending || step.error === undefined ? undefined : entryOf(byId, step);
    return entered && open.includes(entered) ? [{ entered, error: step.error }] : [];
  });
  return failures.at(-1) ?? { entered: newest, error: ending.error };
}

/** The iteration of a Map that a step belongs to; a step behind a Map belongs to none. */
function itemOf(byId: ReadonlyMap<number, HistoryStep>, from: HistoryStep): number | undefined {
  for (const step of backFrom(byId, from)) {
    if (step.type === "MapStateExited") return undefined;
    if (step.type === "MapIterationStarted") return step.index;
  }
  return undefined;
}

const lineOf = ({ id, type, state, error }: HistoryStep): string =>
  [id, type, state, nameOnly(error)]
    .filter((part) => part !== undefined)
    .join(" ")
    .slice(0, MAX_LINE);

/**
 * Reads where an execution broke from the newest steps of its history.
 * @param steps oldest first, up to the end of the execution.
 * @param events so many of the newest are kept, MAX_EVENTS at most.
 */
export function evidenceOf(steps: readonly HistoryStep[], events: number = MAX_EVENTS): Evidence {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const broke = breakOf(steps, byId);
  const item = broke && itemOf(byId, broke.entered);
  const error = nameOnly(broke?.error);
  return {
    ...(broke?.entered.state !== undefined && { failedState: broke.entered.state.slice(0, 80) }),
    ...(error !== undefined && { error }),
    ...(item !== undefined && { item }),
    events: steps.slice(Math.max(0, steps.length - Math.min(events, MAX_EVENTS))).map(lineOf),
  };
}
