import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { RouteType } from "../ids.ts";
import type { OpenClaims } from "../ports.ts";
import { Path } from "../rollout.ts";
import type { Documents } from "./dynamodb-client.ts";
import { IN_FLIGHT_INDEX } from "./dynamodb-keys.ts";

/** Counts claims in flight in the ledger table; of each claim its path alone is sent. */
export class DynamoDbOpenClaims implements OpenClaims {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async count(route: RouteType, most: number): Promise<Readonly<Record<Path, number>> | undefined> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: IN_FLIGHT_INDEX,
        KeyConditionExpression: "inFlight = :route",
        ProjectionExpression: "#path",
        ExpressionAttributeNames: { "#path": "path" },
        ExpressionAttributeValues: { ":route": route },
        // One more than may be there tells that there are too many.
        Limit: most + 1,
      }),
    );
    if (LastEvaluatedKey !== undefined || Items.length > most) return undefined;
    const paths = Items.map((item) => Path.parse(item["path"]));
    const order = paths.filter((path) => path === "order").length;
    return { legacy: paths.length - order, order };
  }
}
