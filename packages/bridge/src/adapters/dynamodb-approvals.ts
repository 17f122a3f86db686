import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";
import { type Approval, ApprovalDecision, ApprovalQuestion, type Attempt, WaitEnd } from "../approval.ts";
import type { OrderId } from "../ids.ts";
import type { ApprovalLedger, Page } from "../ports.ts";
import { type Documents, type Item, whenAllowed } from "./dynamodb-client.ts";
import { inFlightPage } from "./dynamodb-in-flight.ts";
import { approvalKey, OPEN_APPROVALS } from "./dynamodb-keys.ts";

const StoredApproval = z.object({
  question: ApprovalQuestion,
  generation: z.number(),
  retryCount: z.number(),
  sealedToken: z.string().optional(),
  decision: ApprovalDecision.optional(),
  waitEnd: WaitEnd.optional(),
  /** The range key of the sparse index. */
  decidedAt: z.number(),
});

/** Undefined also where Order closed a request that was never recorded. */
export function approvalOf(item: Item | undefined): Approval | undefined {
  if (item?.["question"] === undefined) return undefined;
  const { generation, retryCount, decidedAt, ...stored } = StoredApproval.parse(item);
  const { question, sealedToken, decision, waitEnd } = stored;
  return { question, attempt: { generation, retry: retryCount }, askedAt: decidedAt, sealedToken, decision, waitEnd };
}

/** Requests for approval in the ledger table. Order closes those that nobody answered (`machines/approval.ts`). */
export class DynamoDbApprovals implements ApprovalLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async record(
    question: ApprovalQuestion,
    { generation, retry }: Attempt,
    sealedToken: string,
    askedAt: number,
  ): Promise<Approval | undefined> {
    const values = { ":question": question, ":generation": generation, ":retry": retry, ":token": sealedToken };
    const { written, item } = await this.#update(question.orderId, {
      UpdateExpression:
        "SET question = :question, generation = :generation, retryCount = :retry, sealedToken = :token, " +
        "inFlight = :open, decidedAt = if_not_exists(decidedAt, :at) REMOVE waitEnd",
      ConditionExpression:
        "attribute_not_exists(generation) OR generation < :generation OR " +
        "(generation = :generation AND retryCount < :retry AND attribute_not_exists(waitEnd))",
      ExpressionAttributeValues: { ...values, ":open": OPEN_APPROVALS, ":at": askedAt },
    });
    const approval = approvalOf(item);
    const same = approval?.attempt.generation === generation && approval.attempt.retry === retry;
    return written || same ? approval : undefined;
  }

  async decide(orderId: OrderId, decision: ApprovalDecision): Promise<Approval | undefined> {
    const { item } = await this.#update(orderId, {
      UpdateExpression: "SET decision = :decision",
      ConditionExpression:
        "attribute_exists(question) AND attribute_not_exists(decision) AND attribute_not_exists(waitEnd)",
      ExpressionAttributeValues: { ":decision": decision },
    });
    return approvalOf(item);
  }

  async end(orderId: OrderId, { generation, retry }: Attempt, end: WaitEnd): Promise<void> {
    await whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: approvalKey(orderId),
          UpdateExpression: "SET waitEnd = :end REMOVE sealedToken, inFlight",
          ConditionExpression: "generation = :generation AND retryCount = :retry",
          ExpressionAttributeValues: { ":end": end, ":generation": generation, ":retry": retry },
        }),
      ),
    );
  }

  async open(limit: number, after?: string): Promise<Page<Approval>> {
    const { entries, next } = await inFlightPage(this.#client, this.#table, OPEN_APPROVALS, { limit, after });
    return { entries: entries.flatMap((item) => approvalOf(item) ?? []), next };
  }

  /** One conditional update: the item as it was written, or as it stood in the way. */
  async #update(
    orderId: OrderId,
    update: Pick<UpdateCommandInput, "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeValues">,
  ): Promise<{ readonly written: boolean; readonly item: Item | undefined }> {
    try {
      const { Attributes } = await this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: approvalKey(orderId),
          ...update,
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { written: true, item: Attributes };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { written: false, item: error.Item && unmarshall(error.Item) };
    }
  }
}
