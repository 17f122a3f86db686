import { pinIsDrained } from "./claim-request.ts";
import { BridgeError } from "./errors.ts";
import { orderExecutionName } from "./execution-name.ts";
import { ExecutionName, type OrderId, type PinKey, requestKeyText } from "./ids.ts";
import { OrderInput } from "./order.ts";
import type {
  ChargeLedger,
  ClaimLedger,
  Clock,
  EvidenceLedger,
  ExecutionReader,
  OrderRedriver,
  RedriveLedger,
  RedriveNote,
} from "./ports.ts";
import { type OrderSeen, planRedrive, type RedriveRefusal } from "./redrive-plan.ts";
import { shadowIn } from "./shadow-end.ts";

export interface RedriveDeps {
  readonly executions: Pick<ExecutionReader, "find">;
  readonly evidence: Pick<EvidenceLedger, "read">;
  readonly charges: Pick<ChargeLedger, "read">;
  readonly claims: Pick<ClaimLedger, "readMany">;
  readonly redrives: RedriveLedger;
  readonly redriver: OrderRedriver;
  readonly clock: Clock;
}

export type RedriveResult =
  /** `note`: who announced it, and why; another person's, if theirs came first. */
  | {
      readonly kind: "redriven";
      readonly generation: number;
      readonly executionArn: string;
      readonly note: RedriveNote;
    }
  | { readonly kind: "refused"; readonly code: RedriveRefusal; readonly message: string };

/** Others may change what was read so many times before this gives up. */
const ROUNDS = 5;

async function nameOf(deps: RedriveDeps, orderId: OrderId): Promise<ExecutionName | undefined> {
  const kept = await deps.evidence.read(orderId);
  if (kept !== undefined) return ExecutionName.parse(kept.executionArn.split(":").at(-1));
  const direct = orderExecutionName(orderId, orderId);
  return (await deps.executions.find(direct)) === undefined ? deps.redriver.unsuccessful(orderId) : direct;
}

async function look(deps: RedriveDeps, orderId: OrderId, name: ExecutionName): Promise<OrderSeen | undefined> {
  const execution = await deps.executions.find(name);
  // A plan is made anew by nobody: the ledger has no generation of it to go on to.
  if (execution === undefined || shadowIn(execution) !== undefined) return undefined;
  const order = OrderInput.parse(JSON.parse(execution.input));
  const record = await deps.charges.read(orderId);
  const claims = await deps.claims.readMany(order.items.map(requestKeyText));
  const note = await deps.redrives.note(orderId, record.generation);
  return { execution, order, record, claims, note, now: deps.clock.now() };
}

/** Of the pins that refused the move, the entries that may be replaced; undefined while one of them is held. */
async function drained(
  deps: RedriveDeps,
  pins: Extract<Awaited<ReturnType<RedriveLedger["move"]>>, { kind: "pin-busy" }>["pins"],
): Promise<ReadonlyMap<PinKey, readonly string[]> | undefined> {
  for (const pin of pins.values()) if (!(await pinIsDrained(deps.claims, pin))) return undefined;
  return new Map([...pins].map(([key, { entries }]) => [key, entries]));
}

const unknown = (orderId: OrderId): RedriveResult => ({
  ...{ kind: "refused", code: "UNKNOWN_ORDER" },
  message: `no unsuccessful execution of order ${orderId} is known`,
});

/**
 * Redrives an order (model R): first the ledger goes on to the next generation, pins included, in one write; only then is
 * the execution redriven. Run again after a crash it does what is missing; an order is redriven once however many run it.
 * @throws BridgeError LEDGER_BUSY (retry) when others keep changing the order.
 */
export async function redriveOrder(
  deps: RedriveDeps,
  orderId: OrderId,
  who: Pick<RedriveNote, "by" | "reason">,
): Promise<RedriveResult> {
  const name = await nameOf(deps, orderId);
  let target: number | undefined;
  let takeOver: ReadonlyMap<PinKey, readonly string[]> = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    const seen = name && (await look(deps, orderId, name));
    if (seen === undefined) return unknown(orderId);
    const { executionArn, redriveCount } = seen.execution;
    target ??= redriveCount + 1;
    // Somebody else's run has redriven it meanwhile: that it may have ended again is another matter.
    const announced = redriveCount >= target ? await deps.redrives.note(orderId, target) : undefined;
    if (announced !== undefined) return { kind: "redriven", generation: target, executionArn, note: announced };
    const plan = planRedrive(seen);
    if (plan.kind === "refused") return plan;
    if (plan.kind === "under-way") return { kind: "redriven", generation: redriveCount, executionArn, note: plan.note };
    if (plan.kind === "look-again") continue;
    const note = plan.kind === "resume" ? plan.note : { ...who, at: seen.now, executionArn };
    if (plan.kind === "move") {
      const moved = await deps.redrives.move({ orderId, from: redriveCount, claims: plan.claims, note, takeOver });
      if (moved.kind === "pin-busy") {
        const free = await drained(deps, moved.pins);
        if (free === undefined) {
          const message = `another path works on ${[...moved.pins.keys()].join(", ")}: run this again when it has ended`;
          return { kind: "refused", code: "PIN_BUSY", message };
        }
        takeOver = new Map([...takeOver, ...free]);
      }
      if (moved.kind !== "moved") continue;
    }
    // A slow run must not redrive what has been redriven and has ended again: it names the redrive that it means (R7).
    if (await deps.redriver.redrive(executionArn, `crossfade-${orderId}-${redriveCount + 1}`)) {
      return { kind: "redriven", generation: redriveCount + 1, executionArn, note };
    }
  }
  throw new BridgeError("LEDGER_BUSY", "retry", "others keep changing the order: run this again", {
    details: { orderId },
  });
}
