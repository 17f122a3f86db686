import type { OrderRecord } from "./charge.ts";
import { type Claim, isDone } from "./claim.ts";
import { MAX_GENERATION } from "./execution-name.ts";
import { requestKeyText } from "./ids.ts";
import type { OrderInput } from "./order.ts";
import type { ExecutionDescription, RedriveNote } from "./ports.ts";

/** Step Functions redrives within 14 days of the end. In milliseconds. */
export const REDRIVABLE_FOR = 14 * 24 * 3_600_000;

/** Why an order is not redriven. docs/architecture.md says what to do about each. */
export type RedriveRefusal =
  | "UNKNOWN_ORDER"
  | "NOT_REDRIVABLE"
  | "REDRIVE_WINDOW_OVER"
  | "CHARGE_DECIDED"
  | "REDRIVEN_BY_HAND"
  | "PIN_BUSY";

/** An order as it stands at Step Functions and in the ledger. */
export interface OrderSeen {
  readonly execution: ExecutionDescription;
  readonly order: OrderInput;
  readonly record: OrderRecord;
  /** By request key. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** Who moved the order to the record's generation, if somebody did. */
  readonly note: RedriveNote | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type RedrivePlan =
  /** These claims go on to the next generation, and then the execution is redriven. */
  | { readonly kind: "move"; readonly claims: readonly Claim[] }
  /** The ledger was moved on before: the execution remains to be redriven. */
  | { readonly kind: "resume"; readonly note: RedriveNote }
  | { readonly kind: "under-way"; readonly note: RedriveNote }
  /** The ledger says more than Step Functions does: its answer is old. */
  | { readonly kind: "look-again" }
  | { readonly kind: "refused"; readonly code: RedriveRefusal; readonly message: string };

const refuse = (code: RedriveRefusal, message: string): RedrivePlan => ({ kind: "refused", code, message });

/** What Step Functions has against it. */
function refusedByExecution({ execution, now }: OrderSeen): RedrivePlan | undefined {
  const { status, redriveCount, stoppedAt, notRedrivable } = execution;
  if (status === "RUNNING") return refuse("NOT_REDRIVABLE", "the order runs");
  if (status === "SUCCEEDED") return refuse("NOT_REDRIVABLE", "the order succeeded: what failed in it stays failed");
  if (stoppedAt !== undefined && now - stoppedAt > REDRIVABLE_FOR) {
    return refuse("REDRIVE_WINDOW_OVER", "the order ended over 14 days ago");
  }
  if (notRedrivable !== undefined) return refuse("NOT_REDRIVABLE", `Step Functions says: ${notRedrivable}`);
  if (redriveCount >= MAX_GENERATION) return refuse("NOT_REDRIVABLE", `it was redriven ${redriveCount} times`);
  return undefined;
}

/**
 * What is to be done to redrive an order. Redrives are numbered as Step Functions counts them; the ledger is one ahead of
 * it between the move and the redrive, and behind it after a redrive by hand.
 */
export function planRedrive(seen: OrderSeen): RedrivePlan {
  const { execution, order, record, note } = seen;
  const { redriveCount } = execution;
  if (note !== undefined && execution.status === "RUNNING" && record.generation === redriveCount) {
    return { kind: "under-way", note };
  }
  const refused = refusedByExecution(seen);
  if (refused !== undefined) return refused;
  if (record.decision !== undefined && record.decision.kind !== "none") {
    return refuse("CHARGE_DECIDED", `its charge is decided (${record.decision.kind}), and stays so: order it anew`);
  }
  if (note !== undefined && record.generation === redriveCount + 1) return { kind: "resume", note };
  const claims = order.items.flatMap((item) => seen.claims.get(requestKeyText(item)) ?? []);
  if (claims.length < order.items.length) {
    return refuse("UNKNOWN_ORDER", "the ledger knows nothing of some of its requests");
  }
  const open = claims.filter((claim) => !isDone(claim));
  if (open.length === 0) return refuse("NOT_REDRIVABLE", "all its work is done");
  const generations = [record.generation, ...open.map(({ generation }) => generation)];
  if (generations.some((generation) => generation < redriveCount)) {
    const wait = "once its requests have ended in the ledger, run this again";
    return refuse("REDRIVEN_BY_HAND", `it was redriven by hand, and none of its work began: ${wait}`);
  }
  if (generations.some((generation) => generation > redriveCount)) return { kind: "look-again" };
  return { kind: "move", claims: open };
}
