import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { EvidenceRecord } from "../evidence.ts";
import type { OrderId } from "../ids.ts";
import type { EvidenceLedger } from "../ports.ts";
import { type Documents, whenAllowed } from "./dynamodb-client.ts";
import { evidenceKey } from "./dynamodb-keys.ts";

/** The evidence of unsuccessful orders in the ledger table, beside each order's charge. */
export class DynamoDbEvidence implements EvidenceLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(orderId: OrderId, record: EvidenceRecord): Promise<boolean> {
    return whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...evidenceKey(orderId), ...EvidenceRecord.parse(record) },
          ConditionExpression: "attribute_not_exists(pk) OR generation <= :generation",
          ExpressionAttributeValues: { ":generation": record.generation },
        }),
      ),
    );
  }

  async read(orderId: OrderId): Promise<EvidenceRecord | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: evidenceKey(orderId), ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    const { pk: _, sk: __, ...record } = Item;
    return EvidenceRecord.parse(record);
  }
}
