import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { RolloutAudit, RolloutStore } from "../ports.ts";
import { Hold, initialRollout, Rollout } from "../rollout.ts";
import { type Documents, transact } from "./dynamodb-client.ts";
import { auditKey, rolloutKey } from "./dynamodb-keys.ts";

const Held = z.object({ hold: Hold });

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

  async write(given: Rollout, audit: RolloutAudit, release?: "release"): Promise<void> {
    const rollout = Rollout.parse(given);
    const { hold } = rollout;
    const previous = rollout.version - 1;
    const unheld =
      hold === undefined ? "attribute_not_exists(#hold)" : "(attribute_not_exists(#hold) OR #hold = :hold)";
    const condition = `version = :previous${release === undefined ? ` AND ${unheld}` : ""}`;
    const values = { ":previous": previous, ...(hold !== undefined && release === undefined && { ":hold": hold }) };
    const refusals = await transact(this.#client, [
      {
        Put: {
          TableName: this.#table,
          Item: { ...rolloutKey(rollout.route), ...rollout },
          ConditionExpression: previous === 0 ? "attribute_not_exists(pk)" : condition,
          ...(previous > 0 && {
            ExpressionAttributeValues: values,
            ...(release === undefined && { ExpressionAttributeNames: { "#hold": "hold" } }),
          }),
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      { Put: { TableName: this.#table, Item: { ...auditKey(rollout.route, rollout.version), ...audit, rollout } } },
    ]);
    if (refusals === undefined) return;
    const details = { route: rollout.route, version: rollout.version };
    const [refusal] = refusals;
    const old = refusal?.kind === "condition" ? refusal.old : undefined;
    const source = Held.safeParse(old).data?.hold.source;
    if (old?.["version"] === previous && source !== undefined) {
      const message = `the route is held by its source ${source}: see crossfade status`;
      throw new BridgeError("ROLLOUT_HELD", "reject", message, { details });
    }
    const message = "somebody changed the rollout since it was read: read it again";
    throw new BridgeError("ROLLOUT_CHANGED", "reject", message, { details });
  }
}
