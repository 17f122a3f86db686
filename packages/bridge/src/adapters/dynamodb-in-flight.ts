import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Bookmarks, Page } from "../ports.ts";
import type { Documents, Item } from "./dynamodb-client.ts";
import { bookmarkKey, IN_FLIGHT_INDEX, LEDGER_SCHEMA, OPEN_SHADOWS_INDEX } from "./dynamodb-keys.ts";

const common = { pk: z.string(), sk: z.string(), decidedAt: z.number() };

/** The key of an entry of each index, as DynamoDB names the place after which a page begins. */
const PLACES = {
  [IN_FLIGHT_INDEX]: z.strictObject({ ...common, inFlight: z.string() }),
  [OPEN_SHADOWS_INDEX]: z.strictObject({ ...common, openShadow: z.string() }),
};

/**
 * One page of what is in flight under a name (a route, or a service's open effects), oldest first.
 * @param before epoch milliseconds; what is younger is left out.
 */
export async function inFlightPage(
  client: Documents,
  table: string,
  name: string,
  page: { readonly limit: number; readonly before?: number; readonly after?: string | undefined },
  index: keyof typeof PLACES = IN_FLIGHT_INDEX,
): Promise<Page<Item>> {
  const { limit, before, after } = page;
  const place = PLACES[index];
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: index,
      KeyConditionExpression: `${LEDGER_SCHEMA.indexes[index].hash} = :name${before === undefined ? "" : " AND decidedAt < :before"}`,
      ExpressionAttributeValues: { ":name": name, ...(before !== undefined && { ":before": before }) },
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: place.parse(JSON.parse(after)) }),
    }),
  );
  return { entries: Items, next: LastEvaluatedKey && JSON.stringify(place.parse(LastEvaluatedKey)) };
}

const StoredBookmark = z.object({ at: z.string().optional() });

/** Bookmarks in the ledger table. */
export class DynamoDbBookmarks implements Bookmarks {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(job: string): Promise<string | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key: bookmarkKey(job) }));
    return Item && StoredBookmark.parse(Item).at;
  }

  async write(job: string, at: string | undefined): Promise<void> {
    const Item = { ...bookmarkKey(job), ...(at !== undefined && { at }) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }
}
