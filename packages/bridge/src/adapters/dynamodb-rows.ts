import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { ChangedRow, Page, RowIndex, RowReader } from "../ports.ts";
import type { Row } from "../row-image.ts";
import { getMany } from "./dynamodb-batch.ts";
import type { Documents } from "./dynamodb-client.ts";

/** Rows of the tracking table by request id, with strongly consistent reads. */
export class DynamoDbRows implements RowReader {
  readonly #client: Documents;
  readonly #table: string;
  readonly #keyAttribute: string;

  constructor(client: Documents, table: string, keyAttribute: string) {
    this.#client = client;
    this.#table = table;
    this.#keyAttribute = keyAttribute;
  }

  async readMany(requestIds: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const keys = [...new Set(requestIds)].map((id) => ({ [this.#keyAttribute]: id }));
    const rows = await getMany(this.#client, this.#table, keys);
    return new Map(rows.map((row) => [String(row[this.#keyAttribute]), row]));
  }
}

/** An index of the tracking table, and how its sort attribute tells the time. ISO 8601: in UTC, as text that sorts. */
export interface IndexDescription {
  readonly index: string;
  readonly partition: { readonly attribute: string };
  readonly sort: string;
  readonly sortKind: "epoch-ms" | "iso";
}

/** How a point in time stands in the sort attribute, and the way back. */
const SORT_KINDS = {
  "epoch-ms": { value: (at: number): string | number => at, time: (value: unknown) => z.number().parse(value) },
  iso: {
    value: (at: number): string | number => new Date(at).toISOString(),
    time: (value: unknown) => Date.parse(z.string().parse(value)),
  },
} as const;

/** The key after which a page begins, as DynamoDB names it. */
const Place = z.record(z.string(), z.union([z.string(), z.number()]));

/** Rows as an index of the tracking table orders them; the index need not project more than its keys. */
export class DynamoDbRowIndex implements RowIndex {
  readonly #client: Documents;
  readonly #table: string;
  readonly #keyAttribute: string;
  readonly #description: IndexDescription;

  constructor(client: Documents, table: string, keyAttribute: string, description: IndexDescription) {
    this.#client = client;
    this.#table = table;
    this.#keyAttribute = keyAttribute;
    this.#description = description;
  }

  async changed(partition: string, since: number, limit: number, after?: string): Promise<Page<ChangedRow>> {
    const { index, sort, sortKind, partition: of } = this.#description;
    const { value, time } = SORT_KINDS[sortKind];
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: index,
        KeyConditionExpression: "#partition = :partition AND #sort >= :since",
        ProjectionExpression: "#key, #sort",
        ExpressionAttributeNames: { "#partition": of.attribute, "#sort": sort, "#key": this.#keyAttribute },
        ExpressionAttributeValues: { ":partition": partition, ":since": value(Math.max(0, since)) },
        Limit: limit,
        ...(after !== undefined && { ExclusiveStartKey: Place.parse(JSON.parse(after)) }),
      }),
    );
    return {
      entries: Items.map((item) => {
        const at = time(item[sort]);
        // Text that is no time stands somewhere in the index too.
        return { requestId: String(item[this.#keyAttribute]), changedAt: Number.isNaN(at) ? since : at };
      }),
      next: LastEvaluatedKey && JSON.stringify(Place.parse(LastEvaluatedKey)),
    };
  }
}
