import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { Journal } from "../attach/journal.ts";
import type { Journals } from "../attach/ports.ts";
import { BridgeError } from "../errors.ts";
import { type Documents, whenAllowed } from "./dynamodb-client.ts";
import { journalKey } from "./dynamodb-keys.ts";

/** How far attachments have come, in the ledger table. */
export class DynamoDbJournals implements Journals {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(source: string): Promise<Journal | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: journalKey(source), ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    const { pk: _, sk: __, ...journal } = Item;
    return Journal.parse(journal);
  }

  async write(given: Journal): Promise<void> {
    const journal = Journal.parse(given);
    const previous = journal.version - 1;
    const written = await whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...journalKey(journal.source), ...journal },
          ConditionExpression: previous === 0 ? "attribute_not_exists(pk)" : "version = :previous",
          ...(previous > 0 && { ExpressionAttributeValues: { ":previous": previous } }),
        }),
      ),
    );
    if (written) return;
    const message = "another operator attaches or detaches this source, or has done so since: see crossfade status";
    throw new BridgeError("ATTACH_CHANGED", "reject", message, { details: { source: journal.source } });
  }
}
