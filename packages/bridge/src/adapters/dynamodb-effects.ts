import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { pinEntry } from "../claim.ts";
import { BridgeError } from "../errors.ts";
import { OrderId, RequestId, type RequestKey, RouteType, requestKeyText } from "../ids.ts";
import { Outcome } from "../outcome.ts";
import {
  type BeginRefusal,
  type BeginResult,
  type BeginSeen,
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
import { tokenPut } from "./dynamodb-delegations.ts";
import { inFlightPage } from "./dynamodb-in-flight.ts";
import { chargeKey, claimKey, effectKey, pinItemKey, triedKey } from "./dynamodb-keys.ts";
import { joinPin, pinOf } from "./dynamodb-pins.ts";

const StoredEffect = z.object({
  n: z.number(),
  generation: z.number(),
  role: EffectRole,
  owner: z.string(),
  begunAt: z.number(),
  sentAt: z.number().optional(),
  outcome: Outcome.optional(),
});

const StoredOpenEffect = z.object({
  route: RouteType,
  requestId: RequestId,
  n: z.number(),
  generation: z.number(),
  orderId: OrderId,
  role: EffectRole,
  command: z.string(),
  owner: z.string(),
});

/** Open effects share the sparse index with claims in flight; no route's name holds a `#`. */
const openEffectsOf = (service: string): string => `EFFECT#${service}`;

const recordOf = (item: Item): EffectRecord => {
  const { n, generation, role, owner, begunAt, sentAt, outcome } = StoredEffect.parse(item);
  return { n, generation, role, owner, begunAt, sentAt, outcome };
};

/** An effect whose place another one takes. It stays for the record, where nobody takes it for one of the request's. */
const keptAside = (key: RequestKey, { n, generation, role, owner, begunAt, outcome }: EffectRecord): Item => ({
  ...triedKey(key, n, generation),
  ...{ n, generation, role, owner, begunAt, outcome },
});

/** The condition on which an owner ends or forgets its effect. */
const ownedAndOpen = ({ owner, generation }: OwnedEffect, values: Item = {}) => ({
  ConditionExpression: `#owner = :owner AND attribute_not_exists(outcome)${generation === undefined ? "" : " AND generation = :generation"}`,
  ExpressionAttributeNames: { "#owner": "owner" },
  ExpressionAttributeValues: {
    ...values,
    ":owner": owner,
    ...(generation !== undefined && { ":generation": generation }),
  },
});

const openName = ({ key, n }: EffectKey): string => `${requestKeyText(key)}#${n}`;

/** Effect records in the ledger table, with the order's record that counts the open ones. */
export class DynamoDbEffects implements EffectLedger {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async begin(begin: EffectBegin, seen: BeginSeen = {}): Promise<BeginResult> {
    const { key, n, pinKey, generation } = begin;
    const { takeOver, anew } = seen;
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
            ...{ route: key.route, requestId: key.requestId, n, generation },
            ...{ orderId: begin.orderId, role: begin.role },
            ...{ service: begin.service, command: begin.command, owner: begin.owner, begunAt: begin.at },
            ...{ inFlight: openEffectsOf(begin.service), decidedAt: begin.at },
          },
          ...(anew === undefined
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                ConditionExpression: "attribute_exists(outcome) AND generation = :seen",
                ExpressionAttributeValues: { ":seen": anew.generation },
              }),
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
        : [begin.pinned ? held(pinKey) : joinPin(this.#table, pinKey, begin.lane, [entry], takeOver)]),
      ...(begin.token === undefined ? [] : [{ Put: tokenPut(this.#table, key, begin.token) }]),
      ...(anew === undefined ? [] : [{ Put: { TableName: this.#table, Item: keptAside(key, anew) } }]),
    ]);
    return refusals === undefined ? { kind: "begun" } : this.#refused(begin, refusals);
  }

  async markSent({ key, n }: EffectKey, at: number): Promise<void> {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: effectKey(key, n),
        UpdateExpression: "SET sentAt = if_not_exists(sentAt, :at)",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":at": at },
      }),
    );
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
          ...ownedAndOpen(effect, { ":outcome": outcome }),
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
          ...ownedAndOpen(effect),
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
      return { kind: "refused", reason: refusalBy(claim.old, begin.generation) };
    }
    if (order?.kind === "condition") return { kind: "refused", reason: "DECIDED" };
    if (pin?.kind === "condition") {
      return begin.pinned ? { kind: "refused", reason: "NOT_PINNED" } : { kind: "pin-busy", pin: pinOf(pin.old) };
    }
    throw new BridgeError("LEDGER_BUSY", "retry", "the ledger refused an effect without saying why");
  }
}

/** The ledger was moved on, or was not told of a redrive: that was made by hand. */
function refusalBy(claim: Item | undefined, generation: number): BeginRefusal {
  if (claim === undefined) return "NO_CLAIM";
  return Number(claim["generation"]) < generation ? "REDRIVEN_BY_HAND" : "STALE_GENERATION";
}

/** The order's record as it stands, for the charge register. */
export async function readOrderItem(client: Documents, table: string, orderId: OrderId): Promise<Item | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: chargeKey(orderId), ConsistentRead: true }),
  );
  return Item && { ...Item, open: stringsOf(Item["open"]), done: stringsOf(Item["done"]) };
}
