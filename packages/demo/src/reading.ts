import { type ExecutionListItem, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { Claim, Rollout } from "@crossfade/bridge";
import type { Documents } from "@crossfade/bridge/adapters/dynamodb-client";
import * as z from "zod";
import type { World } from "./world.ts";

type Row = Record<string, unknown>;

/** Whole tables are read here: a demonstration's are small. The product itself never scans. */
export const scan = ({ documents }: World, table: string): Promise<Row[]> => scanTable(documents, table);

export async function scanTable(documents: Documents, TableName: string): Promise<Row[]> {
  const rows: Row[] = [];
  let ExclusiveStartKey: Row | undefined;
  do {
    const page = await documents.send(new ScanCommand({ TableName, ExclusiveStartKey, ConsistentRead: true }));
    rows.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return rows;
}

export interface LedgerContents {
  readonly claims: readonly Claim[];
  /** Messages that were refused before anything was claimed. */
  readonly refused: number;
  /** Percentage in force by route and rollout version. */
  percentageOf(claim: Claim): number | undefined;
}

const Audit = z.object({ rollout: Rollout });

export async function readLedger(world: World): Promise<LedgerContents> {
  const items = await scan(world, world.bridge.ledgerTable);
  const claims = items
    .filter((item) => item["sk"] === "CLAIM")
    .map(({ pk: _, sk: __, inFlight: ___, openShadow: ____, ...claim }) => Claim.parse(claim));
  const percentages = new Map<string, number>();
  for (const item of items) {
    if (!String(item["sk"]).startsWith("AUDIT#")) continue;
    const { rollout } = Audit.parse(item);
    percentages.set(`${rollout.route}@${rollout.version}`, rollout.percentage);
  }
  const refused = items.filter((item) => item["sk"] === "REJECTED").length;
  return { claims, refused, percentageOf: (claim) => percentages.get(`${claim.route}@${claim.rolloutVersion}`) };
}

/** Orders that are carried out, and not those that are only planned. */
export async function listOrders({ sfn, bridge }: World, running = false): Promise<ExecutionListItem[]> {
  const found: ExecutionListItem[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new ListExecutionsCommand({
        stateMachineArn: bridge.orderArn,
        maxResults: 1000,
        ...(nextToken && { nextToken }),
        ...(running && { statusFilter: "RUNNING" }),
      }),
    );
    found.push(...(page.executions ?? []).filter(({ name = "" }) => name.startsWith("order-")));
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/** Messages in a queue, waiting and in hand. */
export async function depth({ sqs }: World, QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
}

/** Codes of all messages in quarantine, counted; the messages stay there. */
export async function quarantined({ sqs, bridge }: World): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, string>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: bridge.quarantine.url,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 30,
        MessageAttributeNames: ["All"],
      }),
    );
    if (Messages.length === 0) break;
    for (const { MessageId = "", MessageAttributes } of Messages) {
      seen.set(MessageId, MessageAttributes?.["code"]?.StringValue ?? "UNKNOWN");
    }
  }
  const counts = new Map<string, number>();
  for (const code of seen.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
