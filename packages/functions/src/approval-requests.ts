import { ApprovalRequest, recordApprovalRequest } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeApprovals } from "./compose.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("approval-requests");
const deps = composeApprovals();

/** SQS batches of requests for approval (N16), written where people find them. A body holds a token: it is never logged. */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  const response = await eachRecord(
    event,
    async ({ messageId, body, attributes }) => {
      logger.info("Request for approval received", { messageId });
      const request = ApprovalRequest.parse(JSON.parse(body));
      const { kind } = await recordApprovalRequest(deps, request, attributes.SentTimestamp);
      const { orderId, correlationId, attempt } = request;
      logger.info("Request for approval handled", { messageId, orderId, correlationId, ...attempt, outcome: kind });
      count(`Approval.${kind}`);
      return true;
    },
    ({ messageId }, error) => {
      tell("Request for approval not recorded", error, { messageId });
      count("Approval.failed");
    },
  );
  await flush();
  return response;
}
