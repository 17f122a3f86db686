import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { RolloutAudit, RolloutStore } from "../ports.ts";
import { Hold, initialRollout, Rollout } from "../rollout.ts";
import { type Documents, type Refusal, transact, type Writes } from "./dynamodb-client.ts";
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

  async write(rollout: Rollout, audit: RolloutAudit, release?: "release"): Promise<void> {
    const refusals = await transact(this.#client, rolloutWrites(this.#table, rollout, audit, release));
    if (refusals !== undefined) throw refusedRollout(rollout, refusals[0]);
  }
}

/** The rollout, first, and its audit entry: to be written in one transaction. */
export function rolloutWrites(table: string, given: Rollout, audit: RolloutAudit, release?: "release"): Writes {
  const rollout = Rollout.parse(given);
  const { hold } = rollout;
  const previous = rollout.version - 1;
  const unheld = hold === undefined ? "attribute_not_exists(#hold)" : "(attribute_not_exists(#hold) OR #hold = :hold)";
  const condition = `version = :previous${release === undefined ? ` AND ${unheld}` : ""}`;
  const values = { ":previous": previous, ...(hold !== undefined && release === undefined && { ":hold": hold }) };
  return [
    {
      Put: {
        TableName: table,
        Item: { ...rolloutKey(rollout.route), ...rollout },
        ConditionExpression: previous === 0 ? "attribute_not_exists(pk)" : condition,
        ...(previous > 0 && {
          ExpressionAttributeValues: values,
          ...(release === undefined && { ExpressionAttributeNames: { "#hold": "hold" } }),
        }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
    { Put: { TableName: table, Item: { ...auditKey(rollout.route, rollout.version), ...audit, rollout } } },
  ];
}

/** Why the rollout was refused; `refusal`: that of the first of its writes. */
export function refusedRollout({ route, version }: Rollout, refusal: Refusal | undefined): BridgeError {
  const details = { route, version };
  const old = refusal?.kind === "condition" ? refusal.old : undefined;
  const source = Held.safeParse(old).data?.hold.source;
  if (old?.["version"] === version - 1 && source !== undefined) {
    const message = `the route is held by its source ${source}: see crossfade status`;
    return new BridgeError("ROLLOUT_HELD", "reject", message, { details });
  }
  const message = "somebody changed the rollout since it was read: read it again";
  return new BridgeError("ROLLOUT_CHANGED", "reject", message, { details });
}
