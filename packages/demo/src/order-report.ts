import { DescribeExecutionCommand, type ExecutionListItem } from "@aws-sdk/client-sfn";
import { type Claim, OrderInput, OrderOutcome } from "@crossfade/bridge";
import { webcat } from "@crossfade/legacy";
import { type ApprovalCounts, countApprovals } from "./approval-report.ts";
import type { World } from "./world.ts";

/** What only the new path can do, as the executions and the ledger tell it. */
export interface OrderReport {
  readonly approvals: ApprovalCounts;
  /** Items whose registration was reversed, since their DNS failed for good. */
  readonly compensations: number;
  /** Items of routes whose work may be delegated: done by the legacy service, and by a worker of the new path. */
  readonly delegated: number;
  readonly native: number;
  /** Items whose input or result travelled by claim check. */
  readonly claimChecked: number;
}

/** An execution that has ended: what it was given, and what it gave. */
export interface EndedOrder {
  readonly order: OrderInput;
  readonly outcome: OrderOutcome | undefined;
}

export async function readEnded(world: World, executions: readonly ExecutionListItem[]): Promise<EndedOrder[]> {
  const ended: EndedOrder[] = [];
  for (const { executionArn, status } of executions) {
    if (status === "RUNNING") continue;
    const { input = "", output } = await world.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const outcome = output === undefined ? undefined : OrderOutcome.parse(JSON.parse(output));
    ended.push({ order: OrderInput.parse(JSON.parse(input)), outcome });
  }
  return ended;
}

const countClaimChecked = (orders: readonly EndedOrder[]): number =>
  orders.reduce((sum, { order, outcome }) => {
    const results = new Set(outcome?.items.flatMap((end) => (end.resultCheck ? [end.itemId] : [])));
    return sum + order.items.filter(({ itemId, inputCheck }) => inputCheck || results.has(itemId)).length;
  }, 0);

export async function reportOrders(
  world: World,
  orders: readonly EndedOrder[],
  claims: readonly Claim[],
): Promise<OrderReport> {
  const ends = orders.flatMap(({ outcome }) => outcome?.items ?? []);
  const delegable = claims.filter(({ path, route }) => path === "order" && webcat.route(route).toMessage !== undefined);
  const delegated = delegable.filter(({ integration }) => integration === "delegate").length;
  return {
    approvals: await countApprovals(world),
    compensations: ends.filter((end) => end.Error?.Code === "REVERSED_DNS_FAILED").length,
    delegated,
    native: delegable.length - delegated,
    claimChecked: countClaimChecked(orders),
  };
}
