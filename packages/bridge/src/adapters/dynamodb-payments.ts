import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import type { PaymentRecord, Payments } from "../ports.ts";
import { type Documents, whenAllowed } from "./dynamodb-client.ts";

const StoredPayment = z.object({
  state: z.enum(["authorised", "captured", "cancelled"]),
  amount: z.number(),
  captured: z.number().default(0),
  endedBy: z.string().optional(),
});

/**
 * Charges as rows of a table: authorised, then captured or cancelled, once. A second call changes nothing and gets
 * what is there, as a card provider would answer it.
 */
export class DynamoDbPayments implements Payments {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** What a shop does with a card provider when an order is placed; a repeated authorisation changes nothing. */
  async authorise(authorisationId: string, amount: number, key: string): Promise<PaymentRecord> {
    await whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { authorisationId, state: "authorised", amount, authorisedBy: key },
          ConditionExpression: "attribute_not_exists(authorisationId)",
        }),
      ),
    );
    return this.#known(authorisationId);
  }

  async capture(authorisationId: string, sum: number, key: string): Promise<PaymentRecord> {
    return this.#end(authorisationId, "captured", sum, key);
  }

  async cancel(authorisationId: string, key: string): Promise<PaymentRecord> {
    return this.#end(authorisationId, "cancelled", 0, key);
  }

  async read(authorisationId: string): Promise<PaymentRecord | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { authorisationId }, ConsistentRead: true }),
    );
    return Item && StoredPayment.parse(Item);
  }

  async #end(
    authorisationId: string,
    state: "captured" | "cancelled",
    sum: number,
    key: string,
  ): Promise<PaymentRecord> {
    await whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: { authorisationId },
          UpdateExpression: "SET #state = :state, captured = :sum, endedBy = :key",
          ConditionExpression: "#state = :authorised AND amount >= :sum",
          ExpressionAttributeNames: { "#state": "state" },
          ExpressionAttributeValues: { ":state": state, ":sum": sum, ":key": key, ":authorised": "authorised" },
        }),
      ),
    );
    return this.#known(authorisationId);
  }

  async #known(authorisationId: string): Promise<PaymentRecord> {
    const record = await this.read(authorisationId);
    if (record !== undefined) return record;
    throw new BridgeError("CHARGE_UNKNOWN", "fatal", "the provider knows no such authorisation", {
      details: { authorisationId },
    });
  }
}
