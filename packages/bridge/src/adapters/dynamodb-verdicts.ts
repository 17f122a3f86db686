import { GetCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Verdict } from "../compare/index.ts";
import { BridgeError } from "../errors.ts";
import { type RequestKey, type RouteType, requestKeyText } from "../ids.ts";
import { DifferenceGroup, type JudgedRequest, MAX_EXAMPLES, type Page, type VerdictReader } from "../ports.ts";
import type { Path } from "../rollout.ts";
import { getMany } from "./dynamodb-batch.ts";
import type { Documents, Item } from "./dynamodb-client.ts";
import { groupKey, VERDICTS_INDEX, verdictKeyOf, verdictName } from "./dynamodb-keys.ts";
import { judgedOf, keyTextOf } from "./dynamodb-verdict-items.ts";

const Place = z.tuple([z.number(), z.string()]);

/** @throws BridgeError PLACE_UNKNOWN (reject) for a text that is no place in a list. */
function placeOf(after: string): z.infer<typeof Place> {
  try {
    return Place.parse(JSON.parse(after));
  } catch (cause) {
    throw new BridgeError("PLACE_UNKNOWN", "reject", "this is no place in the list: begin at its start", { cause });
  }
}

/** Attributes of a group's examples, each with the newest request of its share. */
export const exampleSlot = (n: number): string => `example${n}`;

const Example = DifferenceGroup.shape.examples.element;

function groupOf(route: RouteType, against: Path, item: Item): DifferenceGroup {
  const { sk: id, kind, path, count, firstAt, lastAt } = item;
  const examples = Array.from({ length: MAX_EXAMPLES }, (_, n) => item[exampleSlot(n)])
    .filter((example) => example !== undefined)
    .map((example) => Example.parse(example))
    .sort((a, b) => b.at - a.at);
  return DifferenceGroup.parse({ route, against, id, kind, path, count, firstAt, lastAt, examples });
}

/** Verdicts and kinds of difference in the ledger table. */
export class DynamoDbVerdicts implements VerdictReader {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async of(key: RequestKey): Promise<readonly JudgedRequest[]> {
    const Key = verdictKeyOf(requestKeyText(key));
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item === undefined ? [] : judgedOf(Item);
  }

  /** A page may hold less than `limit`: where a verdict was replaced after the index was read, or is a match now. */
  async page(route: RouteType, verdict: Verdict, limit: number, after?: string): Promise<Page<JudgedRequest>> {
    const verdictOf = verdictName(route, verdict);
    const [judgedAt, keyText] = after === undefined ? [] : placeOf(after);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: VERDICTS_INDEX,
        KeyConditionExpression: "verdictOf = :name",
        ExpressionAttributeValues: { ":name": verdictOf },
        ScanIndexForward: false,
        Limit: limit,
        ...(keyText !== undefined && { ExclusiveStartKey: { ...verdictKeyOf(keyText), verdictOf, judgedAt } }),
      }),
    );
    const keyTexts = Items.map(keyTextOf);
    const records = await getMany(this.#client, this.#table, keyTexts.map(verdictKeyOf));
    const found = new Map(records.map((item) => [keyTextOf(item), judgedOf(item)]));
    const entries = keyTexts.flatMap((each) =>
      (found.get(each) ?? []).filter((judged) => judged.against === "legacy" && judged.verdict === verdict),
    );
    const last = LastEvaluatedKey && Place.parse([LastEvaluatedKey["judgedAt"], keyTextOf(LastEvaluatedKey)]);
    return { entries, next: last && JSON.stringify(last) };
  }

  async groups(route: RouteType, against: Path): Promise<readonly DifferenceGroup[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        // Behind the record that says how many there are.
        KeyConditionExpression: "pk = :pk AND sk >= :first",
        ExpressionAttributeValues: { ":pk": groupKey(route, against, "").pk, ":first": "0" },
      },
    );
    const groups: DifferenceGroup[] = [];
    for await (const { Items = [] } of pages) groups.push(...Items.map((item) => groupOf(route, against, item)));
    return groups.sort((a, b) => b.count - a.count || b.lastAt - a.lastAt);
  }
}
