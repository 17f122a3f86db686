import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { EMPTY_ORDER_RECORD, type OrderRecord } from "../charge.ts";
import type { OrderId } from "../ids.ts";
import { ChargeDecision } from "../order.ts";
import type { ChargeLedger, DecideAt, DecideResult } from "../ports.ts";
import { type Documents, type Item, whenAllowed } from "./dynamodb-client.ts";
import { readOrderItem } from "./dynamodb-effects.ts";
import { chargeKey } from "./dynamodb-keys.ts";

const StoredOrder = z.object({
  version: z.number().default(0),
  generation: z.number().default(0),
  open: z.array(z.string()),
  done: z.array(z.string()),
  decision: ChargeDecision.optional(),
  decidedAt: z.number().optional(),
  carriedOutAt: z.number().optional(),
  mismatch: z.string().optional(),
});

type Seen = Omit<DecideAt, "at">;

/** Nobody has changed the record since, nor speaks for a later redrive of the order (R8g). */
const unchanged = ({ version }: Seen): string =>
  `${version === 0 ? "attribute_not_exists(version)" : "version = :version"} AND (attribute_not_exists(generation) OR generation <= :generation)`;

const valuesOf = ({ version, generation }: Seen): Item => ({
  ":generation": generation,
  ...(version > 0 && { ":version": version }),
});

/** The register of charge decisions in the ledger table. */
export class DynamoDbCharges implements ChargeLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(orderId: OrderId): Promise<OrderRecord> {
    const item = await readOrderItem(this.#client, this.#table, orderId);
    if (item === undefined) return EMPTY_ORDER_RECORD;
    const { open, carriedOutAt, decision, decidedAt, mismatch, ...record } = StoredOrder.parse(item);
    return { ...record, openEffects: open, decision, decidedAt, carriedOut: carriedOutAt !== undefined, mismatch };
  }

  async decide(orderId: OrderId, decision: ChargeDecision, { at, ...seen }: DecideAt): Promise<DecideResult> {
    try {
      await this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: chargeKey(orderId),
          UpdateExpression: "SET decision = :decision, decidedAt = :at, generation = :generation",
          ConditionExpression: `attribute_not_exists(decision) AND attribute_not_exists(#open) AND ${unchanged(seen)}`,
          ExpressionAttributeNames: { "#open": "open" },
          ExpressionAttributeValues: { ":decision": decision, ":at": at, ...valuesOf(seen) },
        }),
      );
      return { kind: "decided", decision };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { kind: "not-now" };
      throw error;
    }
  }

  async raise(orderId: OrderId, seen: Seen): Promise<boolean> {
    return whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: chargeKey(orderId),
          UpdateExpression: "SET generation = :generation",
          ConditionExpression: `attribute_exists(decision) AND ${unchanged(seen)}`,
          ExpressionAttributeValues: valuesOf(seen),
        }),
      ),
    );
  }

  async markCarriedOut(orderId: OrderId, at: number, mismatch?: string): Promise<void> {
    const told = mismatch !== undefined;
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: chargeKey(orderId),
        UpdateExpression: `SET carriedOutAt = if_not_exists(carriedOutAt, :at)${told ? ", mismatch = :mismatch" : ""}`,
        ExpressionAttributeValues: { ":at": at, ...(told && { ":mismatch": mismatch }) },
      }),
    );
  }
}
