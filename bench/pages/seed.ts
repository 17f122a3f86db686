import { BatchWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { countClaims, initialRollout, type RouteType } from "@crossfade/bridge";
import type { Documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import { claimKey, hourKey, totalKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { verdictItem } from "@crossfade/bridge/adapters/dynamodb-verdict-items";
import { countClaim, countsOf, type Increment, type Sighting } from "@crossfade/bridge/compare";
import { webcat } from "@crossfade/legacy";
import { requestOf } from "./requests.ts";

type Item = Record<string, unknown>;

/** Items of one BatchWriteItem. */
const BATCH = 25;
/** Requests that are made, counted and written together. */
const CHUNK = 5_000;
const WRITERS = 8;

async function put(client: Documents, table: string, items: readonly Item[]): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < items.length) {
      const batch = items.slice(next, next + BATCH);
      next += BATCH;
      const writes = batch.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: { [table]: writes } }));
      if (Object.keys(UnprocessedItems).length > 0) throw new Error("the table did not take a whole batch");
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

/** Adds up by record: the hour's and the total's. */
class Sums {
  readonly #records = new Map<string, { readonly key: Item; readonly counts: Map<string, number> }>();

  add(increments: readonly Increment[]): void {
    for (const { route, hour, counter, by } of increments) {
      for (const key of [hourKey(route, hour), totalKey(route)]) {
        const name = `${key.pk} ${key.sk}`;
        const record = this.#records.get(name) ?? { key, counts: new Map<string, number>() };
        record.counts.set(counter, (record.counts.get(counter) ?? 0) + by);
        this.#records.set(name, record);
      }
    }
  }

  async write(client: Documents, TableName: string): Promise<void> {
    for (const { key, counts } of this.#records.values()) {
      const names = [...counts.keys()];
      await client.send(
        new UpdateCommand({
          TableName,
          Key: key,
          UpdateExpression: `ADD ${names.map((_, n) => `#${n} :${n}`).join(", ")}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
          ExpressionAttributeValues: Object.fromEntries([...counts.values()].map((count, n) => [`:${n}`, count])),
        }),
      );
    }
  }
}

const rulesOf = (route: RouteType) => webcat.route(route).compare;

/** What the ledger holds of a request that needs no group: its claim, and what was counted of it. */
function itemsOf(sighting: Sighting, sums: Sums): readonly Item[] | undefined {
  const { claim } = sighting;
  const rules = rulesOf(claim.route);
  const { next, transitions } = countClaim(undefined, sighting, rules);
  if (transitions.some((transition) => transition.kind === "judged" && transition.verdict === "mismatch"))
    return undefined;
  sums.add(transitions.flatMap((transition) => countsOf(transition, rules)));
  return [claimItem(sighting), verdictItem(claim, next, 1)];
}

const claimItem = ({ claim }: Sighting): Item => ({
  ...claimKey(claim),
  ...claim,
  ...(claim.endedAt === undefined && { inFlight: claim.route }),
});

/** Changes of the routes' rollouts that the audit shows. */
const CHANGES = 60;

async function changeRollouts(client: Documents, table: string, now: number): Promise<void> {
  const rollouts = new DynamoDbRollouts(client, table);
  for (const route of webcat.routes.keys()) {
    for (let version = 1; version <= CHANGES; version++) {
      const percentage = version % 50;
      await rollouts.write(
        { ...initialRollout(route), stage: "split", percentage, version },
        { by: "bench", reason: `step ${version}`, at: now - (CHANGES - version) * 60_000 },
      );
    }
  }
}

/**
 * Fills a ledger with requests of 30 days, with everything that is counted of them: claims and counts in bulk, what
 * differs by the writer that the bridge itself uses.
 */
export async function seedLedger(
  client: Documents,
  table: string,
  requests: number,
  onProgress: (written: number) => void,
): Promise<void> {
  const now = Date.now();
  const sums = new Sums();
  const counts = new DynamoDbCounting(client, table);
  for (let from = 0; from < requests; from += CHUNK) {
    const length = Math.min(CHUNK, requests - from);
    const sightings = Array.from({ length }, (_, n) => requestOf(from + n, requests, now));
    const different: Sighting[] = [];
    const items = sightings.flatMap((sighting) => {
      const written = itemsOf(sighting, sums);
      if (written === undefined) different.push(sighting);
      return written ?? [claimItem(sighting)];
    });
    await put(client, table, items);
    await countClaims({ rulesOf, counts }, different);
    onProgress(from + length);
  }
  await sums.write(client, table);
  await changeRollouts(client, table, now);
}
