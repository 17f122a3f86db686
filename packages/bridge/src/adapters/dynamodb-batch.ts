import { setTimeout as pauseFor } from "node:timers/promises";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { BridgeError } from "../errors.ts";
import { backoff, type Documents, type Item } from "./dynamodb-client.ts";

/** BatchGetItem takes a hundred keys (DynamoDB API reference). */
const BATCH = 100;
/** Answers in a row with keys left over. */
const ATTEMPTS = 8;

/**
 * The items of a table that have these keys, by strongly consistent reads, in no order. Keys that DynamoDB leaves over are
 * asked for again, ever later: the table may be the legacy system's, which is at work.
 * @throws BridgeError DEPENDENCY_FAILED (retry) where it goes on leaving keys over.
 */
export async function getMany(
  client: Documents,
  table: string,
  keys: readonly Item[],
  pause: (ms: number) => Promise<unknown> = pauseFor,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let rest = keys;
  for (let short = 0; rest.length > 0; ) {
    const batch = { [table]: { Keys: rest.slice(0, BATCH), ConsistentRead: true } };
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetCommand({ RequestItems: batch }));
    found.push(...(Responses?.[table] ?? []));
    const left = UnprocessedKeys?.[table]?.Keys ?? [];
    rest = [...left, ...rest.slice(BATCH)];
    short = left.length === 0 ? 0 : short + 1;
    if (short === ATTEMPTS) {
      throw new BridgeError("DEPENDENCY_FAILED", "retry", `${table} is throttled: ${left.length} items were not read`);
    }
    if (short > 0) await pause(backoff(short));
  }
  return found;
}
