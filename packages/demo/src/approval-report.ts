import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { OrderOutcome } from "@crossfade/bridge";
import { approvalOf } from "@crossfade/bridge/adapters/dynamodb-approvals";
import { scan } from "./reading.ts";
import type { World } from "./world.ts";

export type ApprovalCounts = Readonly<Record<"approved" | "refused" | "timedOut", number>>;

/** Requests for approval, by what the ledger says was decided and how the order's execution then went on. */
export async function countApprovals(world: World): Promise<ApprovalCounts> {
  const counts = { approved: 0, refused: 0, timedOut: 0 };
  const executions = world.bridge.orderArn.replace(":stateMachine:", ":execution:");
  for (const item of await scan(world, world.bridge.ledgerTable)) {
    const approval = item["sk"] === "APPROVAL" ? approvalOf(item) : undefined;
    if (approval === undefined) continue;
    const executionArn = `${executions}:${approval.question.executionName}`;
    const { output } = await world.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const outcome = output === undefined ? undefined : OrderOutcome.parse(JSON.parse(output));
    const code = outcome?.items[0]?.Error?.Code;
    if (code === "APPROVAL_TIMED_OUT") counts.timedOut++;
    else if (code === "APPROVAL_REFUSED") counts.refused++;
    else if (approval.decision?.approved && approval.waitEnd === "answered") counts.approved++;
  }
  return counts;
}
