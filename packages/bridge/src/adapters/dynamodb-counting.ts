import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { countsOf, type Increment, STRICT } from "../compare/index.ts";
import type { CountEntry, CountLedger, RejectedMessage, RejectionLedger, StoredCount } from "../ports.ts";
import { getMany } from "./dynamodb-batch.ts";
import { type Documents, transact, whenAllowed } from "./dynamodb-client.ts";
import { addCounts, countRecords, type Write } from "./dynamodb-count-writes.ts";
import { addToGroups, findingsOf, type GroupFinding, groupRecords } from "./dynamodb-groups.ts";
import { rejectedCountedKey, rejectedKey, verdictKeyOf } from "./dynamodb-keys.ts";
import { keyTextOf, storedCountOf, verdictItem } from "./dynamodb-verdict-items.ts";

/** Items of one transaction (DynamoDB developer guide, "Amazon DynamoDB Transactions: How it works"). */
const MOST_ITEMS = 100;

/** What one request, or one message, needs of a transaction: a record of its own, and shares of others. */
interface Part<Of> {
  readonly of: Of;
  readonly own: Write;
  readonly increments: readonly Increment[];
  readonly findings: readonly GroupFinding[];
}

/** Puts as many parts into each transaction as it takes: counts are written once for all of them. */
function packed<Of>(parts: readonly Part<Of>[]): Part<Of>[][] {
  const packs: { readonly parts: Part<Of>[]; readonly shared: Set<string> }[] = [];
  for (const part of parts) {
    const shares = [...countRecords(part.increments), ...groupRecords(part.findings)];
    const last = packs.at(-1);
    const together = new Set([...(last?.shared ?? []), ...shares]);
    if (last !== undefined && last.parts.length + 1 + together.size <= MOST_ITEMS) {
      last.parts.push(part);
      for (const share of shares) last.shared.add(share);
    } else packs.push({ parts: [part], shared: new Set(shares) });
  }
  return packs.map((pack) => pack.parts);
}

/** Counts, verdicts and kinds of difference in the ledger table. */
export class DynamoDbCounting implements CountLedger, RejectionLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(keyTexts: readonly string[]): Promise<ReadonlyMap<string, StoredCount>> {
    const items = await getMany(this.#client, this.#table, [...new Set(keyTexts)].map(verdictKeyOf));
    return new Map(items.map((item) => [keyTextOf(item), storedCountOf(item)]));
  }

  async count(entries: readonly CountEntry[]): Promise<readonly CountEntry[]> {
    const refused: CountEntry[] = [];
    // One after the other: they all add to the same totals.
    for (const pack of packed(entries.map((entry) => this.#part(entry)))) {
      if ((await this.#write(pack)) !== undefined) refused.push(...pack.map(({ of }) => of));
    }
    return refused;
  }

  async countRejected(messages: readonly RejectedMessage[]): Promise<void> {
    const parts = messages.map((message): Part<RejectedMessage> => {
      const { messageId, route, at, path } = message;
      return {
        of: message,
        own: {
          Put: {
            TableName: this.#table,
            Item: rejectedCountedKey(messageId),
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        increments: countsOf({ kind: "rejected", route, at, path }, STRICT),
        findings: [],
      };
    });
    for (let pack of packed(parts)) {
      while (pack.length > 0) {
        const refusals = await this.#write(pack);
        if (refusals === undefined) break;
        // Whose own record was there already is counted; the others are tried again.
        pack = pack.filter((_, n) => refusals[n]?.kind !== "condition");
      }
    }
  }

  async keepRejected({ messageId, route, at, path }: RejectedMessage): Promise<void> {
    await whenAllowed(
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...rejectedKey(messageId), route, at, path },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      ),
    );
  }

  #part(entry: CountEntry): Part<CountEntry> {
    const { key, seen, next, increments, found } = entry;
    const version = (seen?.version ?? 0) + 1;
    return {
      of: entry,
      own: {
        Put: {
          TableName: this.#table,
          Item: verdictItem(key, next, version),
          ConditionExpression: seen === undefined ? "attribute_not_exists(pk)" : "version = :seen",
          ...(seen !== undefined && { ExpressionAttributeValues: { ":seen": seen.version } }),
        },
      },
      increments,
      findings: findingsOf(key, found),
    };
  }

  /** Own records first, so that refusals stand in the order of the parts. */
  async #write(pack: readonly Part<unknown>[]) {
    const groups = await addToGroups(
      this.#client,
      this.#table,
      pack.flatMap(({ findings }) => findings),
    );
    const counts = addCounts(
      this.#table,
      pack.flatMap(({ increments }) => increments),
    );
    return transact(this.#client, [...pack.map(({ own }) => own), ...counts, ...groups]);
  }
}
