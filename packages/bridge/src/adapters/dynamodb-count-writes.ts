import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Increment } from "../compare/index.ts";
import type { Item } from "./dynamodb-client.ts";
import { hourKey, totalKey } from "./dynamodb-keys.ts";

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

const keyText = ({ pk, sk }: Item): string => `${pk}\n${sk}`;

/** Nobody asks for these of all time, and every transaction would pay for hundreds of attributes. */
const BY_HOUR_ALONE = /^(latency|code)\./;

/** The records that an increment adds to. */
const recordsOf = ({ route, hour, counter }: Increment): readonly Item[] =>
  BY_HOUR_ALONE.test(counter) ? [hourKey(route, hour)] : [hourKey(route, hour), totalKey(route)];

/** Of the records that increments add to, by which a transaction's items are counted. */
export const countRecords = (increments: readonly Increment[]): readonly string[] =>
  increments.flatMap((increment) => recordsOf(increment).map(keyText));

/** One update of each record that increments add to; none where they cancel each other out. */
export function addCounts(table: string, increments: readonly Increment[]): Write[] {
  const records = new Map<string, { readonly Key: Item; readonly sums: Map<string, number> }>();
  for (const increment of increments) {
    const { counter, by } = increment;
    for (const Key of recordsOf(increment)) {
      const record = records.get(keyText(Key)) ?? { Key, sums: new Map<string, number>() };
      record.sums.set(counter, (record.sums.get(counter) ?? 0) + by);
      records.set(keyText(Key), record);
    }
  }
  return [...records.values()].flatMap(({ Key, sums }) => {
    const counters = [...sums].filter(([, by]) => by !== 0);
    if (counters.length === 0) return [];
    return [
      {
        Update: {
          TableName: table,
          Key,
          UpdateExpression: `ADD ${counters.map((_, n) => `#${n} :${n}`).join(", ")}`,
          ExpressionAttributeNames: Object.fromEntries(counters.map(([counter], n) => [`#${n}`, counter])),
          ExpressionAttributeValues: Object.fromEntries(counters.map(([, by], n) => [`:${n}`, by])),
        },
      },
    ];
  });
}
