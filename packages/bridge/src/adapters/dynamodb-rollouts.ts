import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { RolloutStore } from "../ports.ts";
import { initialRollout, Rollout } from "../rollout.ts";
import { type Documents, transact } from "./dynamodb-client.ts";
import { auditKey, rolloutKey } from "./dynamodb-keys.ts";

/** Rollouts and their audit in the ledger table. */
export class DynamoDbRollouts implements RolloutStore {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(route: RouteType): Promise<Rollout> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: rolloutKey(route), ConsistentRead: true }),
    );
    if (Item === undefined) return initialRollout(route);
    const { pk: _, sk: __, ...rollout } = Item;
    return Rollout.parse(rollout);
  }

  async write(given: Rollout, audit: { by: string; reason: string; at: number }): Promise<void> {
    const rollout = Rollout.parse(given);
    const previous = rollout.version - 1;
    const refusals = await transact(this.#client, [
      {
        Put: {
          TableName: this.#table,
          Item: { ...rolloutKey(rollout.route), ...rollout },
          ConditionExpression: previous === 0 ? "attribute_not_exists(pk)" : "version = :previous",
          ...(previous > 0 && { ExpressionAttributeValues: { ":previous": previous } }),
        },
      },
      { Put: { TableName: this.#table, Item: { ...auditKey(rollout.route, rollout.version), ...audit, rollout } } },
    ]);
    if (refusals === undefined) return;
    throw new BridgeError(
      "ROLLOUT_CHANGED",
      "reject",
      "somebody changed the rollout since it was read: read it again",
      {
        details: { route: rollout.route, version: rollout.version },
      },
    );
  }
}
