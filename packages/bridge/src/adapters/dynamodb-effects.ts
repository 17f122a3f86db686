import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { pinEntry } from "../claim.ts";
import { BridgeError } from "../errors.ts";
import { OrderId, RequestId, type RequestKey, RouteType, requestKeyText } from "../ids.ts";
import { Outcome } from "../outcome.ts";
import {
  type BeginResult,
  type EffectBegin,
  type EffectKey,
  type EffectLedger,
  type EffectRecord,
  EffectRole,
  type OpenEffect,
  type OwnedEffect,
  type Page,
} from "../ports.ts";
import { type Documents, type Item, type Refusal, stringsOf, transact, whenAllowed } from "./dynamodb-client.ts";
import { inFlightPage } from "./dynamodb-in-flight.ts";
import { chargeKey, claimKey, effectKey, pinItemKey } from "./dynamodb-keys.ts";
import { joinPin, pinOf } from "./dynamodb-pins.ts";

const StoredEffect = z.object({
  n: z.number(),
  role: EffectRole,
  owner: z.string(),
  begunAt: z.number(),
  outcome: Outcome.optional(),
});

const StoredOpenEffect = z.object({
  route: RouteType,
  requestId: RequestId,
  n: z.number(),
  orderId: OrderId,
  role: EffectRole,
  command: z.string(),
  owner: z.string(),
});

/** Open effects share the sparse index with claims in flight; no route's name holds a `#`. */
const openEffectsOf = (service: string): string => `EFFECT#${service}`;

const recordOf = (item: Item): EffectRecord => {
  const { n, role, owner, begunAt, outcome } = StoredEffect.parse(item);
  return { n, role, owner, begunAt, outcome };
};

const openName = ({ key, n }: EffectKey): string => `${requestKeyText(key)}#${n}`;

/** Effect records in the ledger table, with the order's record that counts the open ones. */
export class DynamoDbEffects implements EffectLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async begin(begin: EffectBegin, takeOver?: readonly string[]): Promise<BeginResult> {
    const { key, n, pinKey, generation } = begin;
    const entry = pinEntry(key, generation);
    const delegated = begin.lane === "delegate";
    const integration = delegated ? "integration = :delegate" : "attribute_not_exists(integration)";
    const held = (pin: string) => ({
      ConditionCheck: {
        TableName: this.#table,
        Key: pinItemKey(pin),
        ConditionExpression: "contains(#open, :entry)",
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: { ":entry": entry },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      },
    });
    const refusals = await transact(this.#client, [
      {
        Put: {
          TableName: this.#table,
          Item: {
            ...effectKey(key, n),
            ...{ route: key.route, requestId: key.requestId, n, orderId: begin.orderId, role: begin.role },
            ...{ service: begin.service, command: begin.command, owner: begin.owner, begunAt: begin.at },
            ...{ inFlight: openEffectsOf(begin.service), decidedAt: begin.at },
          },
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      {
        ConditionCheck: {
          TableName: this.#table,
          Key: claimKey(key),
          ConditionExpression: `#path = :order AND ${integration} AND generation = :generation AND attribute_not_exists(endedAt)`,
          ExpressionAttributeNames: { "#path": "path" },
          ExpressionAttributeValues: {
            ":order": "order",
            ":generation": generation,
            ...(delegated && { ":delegate": "delegate" }),
          },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      this.#order(begin.orderId, "ADD #open :name, version :one", begin, "attribute_not_exists(decision)"),
      ...(pinKey === undefined
        ? []
        : [begin.pinned ? held(pinKey) : joinPin(this.#table, pinKey, begin.lane, entry, takeOver)]),
    ]);
    return refusals === undefined ? { kind: "begun" } : this.#refused(begin, refusals);
  }

  async takeOver(effect: EffectKey, seen: string, owner: string): Promise<boolean> {
    return whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: effectKey(effect.key, effect.n),
          UpdateExpression: "SET #owner = :next",
          ConditionExpression: "#owner = :seen AND attribute_not_exists(outcome)",
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: { ":next": owner, ":seen": seen },
        }),
      ),
    );
  }

  async end(effect: OwnedEffect, outcome: Outcome): Promise<boolean> {
    const done = outcome.status !== "FAILED" && effect.role === "whole" ? ", done :done" : "";
    const refusals = await transact(this.#client, [
      {
        Update: {
          TableName: this.#table,
          Key: effectKey(effect.key, effect.n),
          UpdateExpression: "SET outcome = :outcome REMOVE inFlight",
          ConditionExpression: "#owner = :owner AND attribute_not_exists(outcome)",
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: { ":outcome": outcome, ":owner": effect.owner },
        },
      },
      this.#order(effect.orderId, `DELETE #open :name ADD version :one${done}`, effect),
    ]);
    return refusals === undefined;
  }

  async forget(effect: OwnedEffect): Promise<void> {
    await transact(this.#client, [
      {
        Delete: {
          TableName: this.#table,
          Key: effectKey(effect.key, effect.n),
          ConditionExpression: "#owner = :owner AND attribute_not_exists(outcome)",
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: { ":owner": effect.owner },
        },
      },
      this.#order(effect.orderId, "DELETE #open :name ADD version :one", effect),
    ]);
  }

  async read(key: RequestKey): Promise<readonly EffectRecord[]> {
    const { pk } = claimKey(key);
    const { Items } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :effect)",
        ExpressionAttributeValues: { ":pk": pk, ":effect": "EFFECT#" },
        ConsistentRead: true,
      }),
    );
    return (Items ?? []).map(recordOf);
  }

  async open(service: string, limit: number, after?: string): Promise<Page<OpenEffect>> {
    const { entries, next } = await inFlightPage(this.#client, this.#table, openEffectsOf(service), { limit, after });
    const effects = entries.map((item) => {
      const { route, requestId, ...effect } = StoredOpenEffect.parse(item);
      return { key: { route, requestId }, ...effect };
    });
    return { entries: effects, next };
  }

  #order(orderId: OrderId, UpdateExpression: string, effect: EffectKey, ConditionExpression?: string) {
    const withDone = UpdateExpression.includes(":done");
    return {
      Update: {
        TableName: this.#table,
        Key: chargeKey(orderId),
        UpdateExpression,
        ...(ConditionExpression && { ConditionExpression, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const }),
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: {
          ":name": new Set([openName(effect)]),
          ":one": 1,
          ...(withDone && { ":done": new Set([requestKeyText(effect.key)]) }),
        },
      },
    };
  }

  /** The effect that is there outranks every other reason: its result, or its owner, is what the worker needs. */
  #refused(begin: EffectBegin, [effect, claim, order, pin]: readonly Refusal[]): BeginResult {
    if (effect?.kind === "condition" && effect.old) return { kind: "exists", effect: recordOf(effect.old) };
    if (claim?.kind === "condition") {
      return { kind: "refused", reason: claim.old === undefined ? "NO_CLAIM" : "STALE_GENERATION" };
    }
    if (order?.kind === "condition") return { kind: "refused", reason: "DECIDED" };
    if (pin?.kind === "condition") {
      return begin.pinned ? { kind: "refused", reason: "NOT_PINNED" } : { kind: "pin-busy", pin: pinOf(pin.old) };
    }
    throw new BridgeError("LEDGER_BUSY", "retry", "the ledger refused an effect without saying why");
  }
}

/** The order's record as it stands, for the charge register. */
export async function readOrderItem(client: Documents, table: string, orderId: OrderId): Promise<Item | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: chargeKey(orderId), ConsistentRead: true }),
  );
  return Item && { ...Item, open: stringsOf(Item["open"]), done: stringsOf(Item["done"]) };
}
