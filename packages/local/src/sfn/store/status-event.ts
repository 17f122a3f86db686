import { randomUUID } from "node:crypto";
import { ACCOUNT_ID, type CloudEvent } from "../../contract.ts";
import type { Execution } from "./execution.ts";
import { redriveFields } from "./redrive.ts";

// Developer guide, "Step Functions event payloads": input and output above 248 KiB together with the escaped event are
// left out, and the details say so.
const PAYLOAD_LIMIT_BYTES = 248 * 1024;

/** The "Step Functions Execution Status Change" event of an execution's present state. */
export function statusEvent(execution: Execution, region: string): CloudEvent {
  const { ending, stopDate } = execution;
  const output = ending?.status === "SUCCEEDED" ? ending.output : null;
  const failed = ending !== undefined && ending.status !== "SUCCEEDED" ? ending : undefined;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Step Functions Execution Status Change",
    source: "aws.states",
    account: ACCOUNT_ID,
    time: `${new Date(stopDate ?? execution.redriveDate ?? execution.startDate).toISOString().slice(0, 19)}Z`,
    region,
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: execution.name,
      status: execution.status,
      startDate: execution.startDate,
      stopDate: stopDate ?? null,
      input: fits(execution.input) ? execution.input : null,
      inputDetails: { included: fits(execution.input) },
      output: output !== null && fits(output) ? output : null,
      outputDetails: output === null ? null : { included: fits(output) },
      error: failed?.error ?? null,
      cause: failed?.cause ?? null,
      ...redriveFields(execution),
    },
  };
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= PAYLOAD_LIMIT_BYTES;
}
