import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Mirrored } from "../claim.ts";
import type { RequestKey } from "../ids.ts";
import type { RowWrite, TrackingTable } from "../ports.ts";
import type { RowImage, TrackingContract } from "../route.ts";
import { type Documents, type Item, whenAllowed } from "./dynamodb-client.ts";

/** `SET #a0 = :a0, ...` for each attribute: the old table's names may be reserved words. */
function assignments(image: RowImage) {
  const entries = Object.entries(image);
  return {
    expression: `SET ${entries.map((_, i) => `#a${i} = :a${i}`).join(", ")}`,
    names: Object.fromEntries(entries.map(([name], i) => [`#a${i}`, name])),
    values: Object.fromEntries(entries.map(([, value], i) => [`:a${i}`, value])),
  };
}

/** The request-tracking table of the legacy system: rows are updated, never replaced, and never deleted. */
export class DynamoDbTracking implements TrackingTable {
  readonly #client: Documents;
  readonly #table: string;
  readonly #contract: TrackingContract;

  constructor(client: Documents, table: string, contract: TrackingContract) {
    this.#client = client;
    this.#table = table;
    this.#contract = contract;
  }

  #key(key: RequestKey): Item {
    return { [this.#contract.keyAttribute]: key.requestId };
  }

  async read(key: RequestKey): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: this.#key(key), ConsistentRead: true }),
    );
    return Item;
  }

  async write(key: RequestKey, { fence, image }: Mirrored, create: boolean): Promise<RowWrite> {
    const { keyAttribute, fenceAttribute, routeAttribute, endAttributes } = this.#contract;
    const { expression, names, values } = assignments({ ...image, [fenceAttribute]: fence });
    const gone = endAttributes.filter((name) => !(name in image));
    const conditions = [
      "(attribute_not_exists(#fence) OR #fence < :fence)",
      ...(create ? [] : ["attribute_exists(#key)"]),
      ...(routeAttribute === undefined ? [] : ["(attribute_not_exists(#route) OR #route = :route)"]),
    ];
    try {
      await this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: this.#key(key),
          UpdateExpression: `${expression}${gone.length > 0 ? ` REMOVE ${gone.map((_, i) => `#r${i}`).join(", ")}` : ""}`,
          ConditionExpression: conditions.join(" AND "),
          ExpressionAttributeNames: {
            ...names,
            ...Object.fromEntries(gone.map((name, i) => [`#r${i}`, name])),
            "#fence": fenceAttribute,
            ...(!create && { "#key": keyAttribute }),
            ...(routeAttribute !== undefined && { "#route": routeAttribute }),
          },
          ExpressionAttributeValues: {
            ...values,
            ":fence": fence,
            ...(routeAttribute !== undefined && { ":route": key.route }),
          },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return "written";
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      if (error.Item === undefined) return "no-row";
      const route = routeAttribute && unmarshall(error.Item)[routeAttribute];
      return route === undefined || route === key.route ? "kept-out" : "other-request";
    }
  }

  async restore(key: RequestKey, image: RowImage, seen: Item): Promise<boolean> {
    const { [this.#contract.keyAttribute]: _, ...attributes } = image;
    const { expression, names, values } = assignments(attributes);
    const same = Object.entries(seen).filter(([, value]) => typeof value !== "object");
    return whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: this.#key(key),
          UpdateExpression: expression,
          ConditionExpression: same.map((_, i) => `#s${i} = :s${i}`).join(" AND "),
          ExpressionAttributeNames: { ...names, ...Object.fromEntries(same.map(([name], i) => [`#s${i}`, name])) },
          ExpressionAttributeValues: {
            ...values,
            ...Object.fromEntries(same.map(([, value], i) => [`:s${i}`, value])),
          },
        }),
      ),
    );
  }

  async create(key: RequestKey, image: RowImage): Promise<void> {
    await whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...image, ...this.#key(key) },
          ConditionExpression: "attribute_not_exists(#key)",
          ExpressionAttributeNames: { "#key": this.#contract.keyAttribute },
        }),
      ),
    );
  }
}
