import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import { AuditEntry, type AuditReader, type Page } from "../ports.ts";
import { type Documents, fromJson, type Item } from "./dynamodb-client.ts";
import { auditKey } from "./dynamodb-keys.ts";

/** Where a page ends: what stands behind `AUDIT#` in the key of its last entry. */
const Place = z.string().regex(/^\d{10}(#\d{10})?$/);

/** @throws BridgeError PLACE_UNKNOWN (reject) for a text that is no place in an audit. */
function placeOf(after: string): string {
  const place = Place.safeParse(after);
  if (place.success) return place.data;
  throw new BridgeError("PLACE_UNKNOWN", "reject", "this is no place in the audit: begin at its start");
}
const PREFIX = "AUDIT#";

const LastKey = z.object({ sk: z.string().startsWith(PREFIX) });

/** The audit of a route: its rollouts, and what the guard and people about the guard did in between. */
export class DynamoDbAudit implements AuditReader {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async page(route: RouteType, limit: number, after?: string): Promise<Page<AuditEntry>> {
    const { pk } = auditKey(route, 0);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": pk, ":prefix": PREFIX },
        ScanIndexForward: false,
        Limit: limit,
        ...(after !== undefined && { ExclusiveStartKey: { pk, sk: `${PREFIX}${placeOf(after)}` } }),
      }),
    );
    const next = LastEvaluatedKey && LastKey.parse(LastEvaluatedKey).sk.slice(PREFIX.length);
    return { entries: Items.map((item) => entryOf(route, item)), next };
  }
}

const GuardItem = z.object({ entry: fromJson(AuditEntry) });

/** What is about the guard is text; a rollout's entry has been kept without its kind and its route since the first version. */
function entryOf(route: RouteType, { pk: _, sk: __, ...item }: Item): AuditEntry {
  if ("entry" in item) return GuardItem.parse(item).entry;
  return AuditEntry.parse({ ...item, kind: "rollout", route });
}
