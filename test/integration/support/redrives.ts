import {
  type ExecutionDescription,
  ExecutionName,
  type OrderId,
  type OrderRedriver,
  type Outcome,
  type RedriveDeps,
} from "@crossfade/bridge";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import type { LedgerFixture } from "./ledger.ts";
import type { Executions, OrdersFixture, PlacedOrder } from "./orders.ts";
import { NOW } from "./samples.ts";

/** Redrives as Step Functions would: what has ended unsuccessfully runs again, and a token does so once. */
export class Redriver implements OrderRedriver {
  readonly #executions: Executions;
  readonly #tokens = new Set<string>();
  /** ARNs, one for each redrive that was made. */
  readonly redriven: string[] = [];

  constructor(executions: Executions) {
    this.#executions = executions;
  }

  async unsuccessful(orderId: OrderId): Promise<ExecutionName | undefined> {
    const name = ExecutionName.parse(`order-${orderId}`);
    return (await this.#executions.find(name)) && name;
  }

  async redrive(executionArn: string, token: string): Promise<boolean> {
    if (this.#tokens.has(token)) return true;
    const execution = await this.#executions.describe(executionArn);
    if (execution.status === "RUNNING" || execution.status === "SUCCEEDED" || execution.notRedrivable !== undefined) {
      return false;
    }
    this.#tokens.add(token);
    this.redriven.push(executionArn);
    this.#executions.set({ ...execution, status: "RUNNING", redriveCount: execution.redriveCount + 1 });
    return true;
  }
}

export interface RedrivesFixture {
  readonly deps: RedriveDeps;
  readonly redriver: Redriver;
}

export function redrivesOn(ledger: LedgerFixture, orders: OrdersFixture): RedrivesFixture {
  const { executions, evidence, charges, claims, clock } = orders.deps;
  const redriver = new Redriver(orders.executions);
  const redrives = new DynamoDbRedrives(ledger.client, ledger.table);
  return { redriver, deps: { executions, evidence, charges, claims, clock, redrives, redriver } };
}

/** The effect of an item, as its worker tells it. */
export function workOf({ order }: PlacedOrder, i: number, generation = 0) {
  const item = order.items[i];
  if (item === undefined) throw new Error(`the order has no item ${i}`);
  const kind = { role: "whole", lane: "order", service: "registry", command: "register" } as const;
  return {
    ...kind,
    key: item,
    n: 0,
    orderId: order.orderId,
    generation,
    pinKey: item.pinKey,
    pinned: true,
    owner: "w",
  };
}

/** An item's work, begun and ended. */
export async function worked({ deps }: OrdersFixture, order: PlacedOrder, i: number, outcome: Outcome): Promise<void> {
  const begun = await deps.effects.begin({ ...workOf(order, i), at: NOW });
  if (begun.kind !== "begun") throw new Error(`item ${i} could not begin: ${begun.kind}`);
  await deps.effects.end(workOf(order, i), outcome);
}

/** The order is stopped: what Step Functions tells from then on. */
export function stop(
  { executions }: OrdersFixture,
  order: PlacedOrder,
  given: Partial<ExecutionDescription> = {},
): ExecutionDescription {
  const execution = { ...order.execution("ABORTED"), ...given };
  executions.set(execution);
  return execution;
}
