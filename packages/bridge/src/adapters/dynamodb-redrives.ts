import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type Claim, laneOf, pinEntry } from "../claim.ts";
import type { OrderId, PinKey } from "../ids.ts";
import { type MoveResult, type RedriveLedger, type RedriveMove, RedriveNote } from "../ports.ts";
import { type Documents, transact } from "./dynamodb-client.ts";
import { chargeKey, claimKey, redriveKey } from "./dynamodb-keys.ts";
import { joinPin, pinOf } from "./dynamodb-pins.ts";

/** Requests of one pin key share one update: a transaction touches an item once. */
function byPin(claims: readonly Claim[]): ReadonlyMap<PinKey, readonly Claim[]> {
  const pins = new Map<PinKey, Claim[]>();
  for (const claim of claims) {
    if (claim.pinKey !== undefined) pins.set(claim.pinKey, [...(pins.get(claim.pinKey) ?? []), claim]);
  }
  return pins;
}

/** The moves of orders to their next generation, in the ledger table. */
export class DynamoDbRedrives implements RedriveLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async note(orderId: OrderId, generation: number): Promise<RedriveNote | undefined> {
    const Key = redriveKey(orderId, generation);
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item && RedriveNote.parse(Item);
  }

  /** At most 40 claims, 40 pins, the order's record and the note: a transaction takes 100 writes. */
  async move(move: RedriveMove): Promise<MoveResult> {
    const pins = [...byPin(move.claims)];
    const generation = move.from + 1;
    // An order that was never redriven, and of which nothing is decided yet, has no generation in its record.
    const untouched = move.from === 0 ? " OR attribute_not_exists(generation)" : "";
    const refusals = await transact(this.#client, [
      ...pins.map(([pinKey, claims]) => {
        const [first] = claims;
        const lane = first === undefined ? "order" : laneOf(first);
        const entries = claims.map((claim) => pinEntry(claim, generation));
        return joinPin(this.#table, pinKey, lane, entries, move.takeOver.get(pinKey));
      }),
      ...move.claims.map((claim) => ({ Update: this.#reopened(claim, generation) })),
      {
        Update: {
          TableName: this.#table,
          Key: chargeKey(move.orderId),
          UpdateExpression:
            "SET generation = :next REMOVE decision, decidedAt, carriedOutAt, mismatch ADD version :one",
          // That there is nothing to charge is taken back; a decision about a payment stands for ever (P7).
          ConditionExpression: `(attribute_not_exists(decision) OR decision.#kind = :none) AND (generation = :from${untouched})`,
          ExpressionAttributeNames: { "#kind": "kind" },
          ExpressionAttributeValues: { ":none": "none", ":from": move.from, ":next": generation, ":one": 1 },
        },
      },
      {
        Put: {
          TableName: this.#table,
          Item: { ...redriveKey(move.orderId, generation), ...move.note },
          ConditionExpression: "attribute_not_exists(pk)",
        },
      },
    ]);
    if (refusals === undefined) return { kind: "moved" };
    if (refusals.slice(pins.length).some((refusal) => refusal.kind === "condition")) return { kind: "changed" };
    const busy = pins.flatMap(([pinKey], i) => {
      const refusal = refusals[i];
      return refusal?.kind === "condition" ? [[pinKey, pinOf(refusal.old)] as const] : [];
    });
    return { kind: "pin-busy", pins: new Map(busy) };
  }

  /** In flight again, if it is still as it was read. */
  #reopened(claim: Claim, generation: number) {
    const { endedAt } = claim;
    const asRead = endedAt === undefined ? "attribute_not_exists(endedAt)" : "endedAt = :endedAt";
    return {
      TableName: this.#table,
      Key: claimKey(claim),
      UpdateExpression: "SET generation = :next, inFlight = :route REMOVE endedAt, orderOutcome",
      ConditionExpression: `generation = :seen AND ${asRead}`,
      ExpressionAttributeValues: {
        ...{ ":next": generation, ":seen": claim.generation, ":route": claim.route },
        ...(endedAt !== undefined && { ":endedAt": endedAt }),
      },
    };
  }
}
