import { randomUUID } from "node:crypto";
import {
  type Claim,
  type Evidence,
  type ExecutionDescription,
  ExecutionName,
  type ExecutionReader,
  type ObserveDeps,
  OrderId,
  OrderInput,
  type Outcome,
  PinKey,
  requestKeyText,
  type SettleDeps,
  type StatusChangeEvent,
  type TaskToken,
  type WaitingTasks,
} from "@crossfade/bridge";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbDelegations } from "@crossfade/bridge/adapters/dynamodb-delegations";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { AesTokenVault } from "@crossfade/bridge/adapters/token-vault";
import { webcat } from "@crossfade/legacy";
import { MemoryPayloads } from "../../../packages/bridge/src/testing.ts";
import type { LedgerFixture } from "./ledger.ts";
import { aClaim, NOW } from "./samples.ts";

/** What Step Functions would answer; the newest description of each execution. */
export class Executions implements ExecutionReader {
  readonly #known = new Map<string, ExecutionDescription>();

  set(description: ExecutionDescription): void {
    this.#known.set(description.executionArn, description);
  }

  async find(name: ExecutionName): Promise<ExecutionDescription | undefined> {
    return this.#known.get(name);
  }

  async describe(executionArn: string): Promise<ExecutionDescription> {
    const found = this.#known.get(executionArn);
    if (found === undefined) throw new Error(`no execution ${executionArn}`);
    return found;
  }

  async evidence(): Promise<Evidence> {
    return { events: ["1 ExecutionStarted"] };
  }
}

/** Tasks that wait for a token, as Step Functions would answer for them. */
export class Tasks implements WaitingTasks {
  readonly waiting = new Set<string>();
  readonly answered: (readonly [token: string, output: unknown])[] = [];

  async succeed(token: TaskToken, output: unknown): Promise<boolean> {
    if (!this.waiting.delete(token)) return false;
    this.answered.push([token, output]);
    return true;
  }
}

/** The mirror's and settle's adapters on a real DynamoDB; the clock stands still where the test puts it. */
export interface OrdersFixture {
  readonly deps: SettleDeps & ObserveDeps & { readonly effects: DynamoDbEffects; readonly payments: DynamoDbPayments };
  readonly executions: Executions;
  readonly tasks: Tasks;
  readonly payloads: MemoryPayloads;
  /** Epoch milliseconds. */
  setNow(now: number): void;
}

export const ROW_GRACE = 5_000;
export const CAPTURE_WITHIN = 900_000;

export async function ordersOn(ledger: LedgerFixture): Promise<OrdersFixture> {
  await ledger.createTable("tracking", "requestId");
  await ledger.createTable("payments", "authorisationId");
  const { client, table } = ledger;
  const executions = new Executions();
  const tasks = new Tasks();
  const payloads = new MemoryPayloads();
  let now = NOW;
  return {
    executions,
    tasks,
    payloads,
    setNow: (at) => {
      now = at;
    },
    deps: {
      migration: webcat,
      claims: new DynamoDbClaims(client, table),
      tracking: new DynamoDbTracking(client, "tracking", webcat.tracking),
      charges: new DynamoDbCharges(client, table),
      effects: new DynamoDbEffects(client, table),
      evidence: new DynamoDbEvidence(client, table),
      payments: new DynamoDbPayments(client, "payments"),
      clock: { now: () => now },
      rowGraceMs: ROW_GRACE,
      captureWithinMs: CAPTURE_WITHIN,
      executions,
      delegation: {
        effects: new DynamoDbEffects(client, table),
        tokens: new DynamoDbDelegations(client, table),
        vault: new AesTokenVault(Buffer.alloc(32, 7)),
        tasks,
        payloads,
      },
      payloads,
    },
  };
}

export interface PlacedOrder {
  readonly order: OrderInput;
  readonly claims: readonly Claim[];
  /** Of `status` at `redriveCount`, as Step Functions would tell it. */
  execution(status: ExecutionDescription["status"], redriveCount?: number, output?: unknown): ExecutionDescription;
}

/** An order whose items are claimed and pinned; with a price, its charge is authorised. */
export async function placed(
  { deps }: OrdersFixture,
  given: { readonly items?: number; readonly price?: number; readonly generation?: number } = {},
): Promise<PlacedOrder> {
  const { items = 1, price = 0, generation = 0 } = given;
  const orderId = OrderId.parse(randomUUID());
  const executionName = ExecutionName.parse(`order-${orderId}`);
  const claims = Array.from({ length: items }, () =>
    aClaim("order", { orderId, executionName, generation, pinKey: PinKey.parse(`${randomUUID()}.fi`) }),
  );
  for (const claim of claims) await deps.claims.claim(claim);
  const payment = { authorisationId: `auth-${orderId}`, amount: items * price };
  if (price > 0) await deps.payments.authorise(payment.authorisationId, payment.amount, orderId);
  const order = OrderInput.parse({
    ...{ orderId, executionName, correlationId: "c", mode: "live", customerId: "cust-1" },
    ...(price > 0 && { payment }),
    items: claims.map(({ route, requestId, pinKey }, i) => ({
      ...{ itemId: `item-${i}`, route, requestId, pinKey, pinned: true, price, input: {} },
      ...{ action: "RegisterDomain", executionName: `reg-${orderId}-${i}` },
    })),
  });
  return {
    order,
    claims,
    execution: (status, redriveCount = 0, output) => ({
      ...{ executionArn: executionName, status, redriveCount, startedAt: NOW, error: undefined },
      stoppedAt: status === "RUNNING" ? undefined : NOW + 1_000,
      input: JSON.stringify(order),
      output: output === undefined ? undefined : JSON.stringify(output),
    }),
  };
}

/** What a successful execution of the order puts out. */
export const successOf = ({ items }: OrderInput, outcome: Outcome) => ({
  status: "COMPLETED",
  items: items.map(({ itemId, route, requestId }) => ({ itemId, route, requestId, ...outcome })),
  charge: { kind: "none" },
});

/** The event that tells of an execution, as EventBridge would deliver it. */
export const eventOf = ({ startedAt, stoppedAt, ...execution }: ExecutionDescription): StatusChangeEvent => ({
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  detail: { ...execution, startDate: startedAt, stopDate: stoppedAt },
});

export const keysOf = ({ items }: OrderInput): string[] => items.map(requestKeyText);
