import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { CountedRoute, Counts } from "../compare/index.ts";
import type { CountReader, HourCounts } from "../ports.ts";
import type { Documents, Item } from "./dynamodb-client.ts";
import { hourKey, totalKey } from "./dynamodb-keys.ts";

const Stored = z.record(z.string(), z.number());

const countsOf = ({ pk: _, sk: __, ...counters }: Item): Counts => Stored.parse(counters);

/** The counts of the routes in the ledger table: a record for each hour, and one for all. */
export class DynamoDbCounts implements CountReader {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async total(route: CountedRoute): Promise<Counts> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key: totalKey(route) }));
    return Item === undefined ? {} : countsOf(Item);
  }

  async hours(route: CountedRoute, from: string, to: string): Promise<readonly HourCounts[]> {
    const { pk, sk } = hourKey(route, from);
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": pk, ":from": sk, ":to": hourKey(route, to).sk },
      },
    );
    const hours: HourCounts[] = [];
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        const [, hour = ""] = String(item["sk"]).split("#");
        hours.push({ hour, counts: countsOf(item) });
      }
    }
    return hours;
  }
}
