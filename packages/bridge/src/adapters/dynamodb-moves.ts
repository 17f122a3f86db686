import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { type MoveLedger, MoveRecord } from "../ports.ts";
import { type Documents, whenAllowed } from "./dynamodb-client.ts";
import { moveKey } from "./dynamodb-keys.ts";

/** What people had done with dead letters, in the ledger table. */
export class DynamoDbMoves implements MoveLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(queue: string, messageId: string): Promise<MoveRecord | undefined> {
    const Key = moveKey(queue, messageId);
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const { pk: _, sk: __, ...record } = Item;
    return MoveRecord.parse(record);
  }

  async write(next: MoveRecord, seen: MoveRecord | undefined): Promise<boolean> {
    return whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...moveKey(next.queue, next.messageId), ...MoveRecord.parse(next) },
          ...(seen === undefined
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                // Two operators of one moment differ in the time, or in the attempt.
                ConditionExpression: "#state = :state AND attempt = :attempt AND #at = :at AND #by = :by",
                ExpressionAttributeNames: { "#state": "state", "#at": "at", "#by": "by" },
                ExpressionAttributeValues: {
                  ...{ ":state": seen.state, ":attempt": seen.attempt, ":at": seen.at, ":by": seen.by },
                },
              }),
        }),
      ),
    );
  }
}
