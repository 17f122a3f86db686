import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import {
  AuditEntry,
  type GuardEntry,
  GuardRecord,
  type GuardSight,
  type GuardStore,
  type RolloutAudit,
} from "../ports.ts";
import type { Rollout } from "../rollout.ts";
import { type Documents, fromJson, type Refusal, transact, type Writes } from "./dynamodb-client.ts";
import { guardAuditKey, guardKey, rolloutKey } from "./dynamodb-keys.ts";
import { refusedRollout, rolloutWrites } from "./dynamodb-rollouts.ts";

/** As text: DynamoDB holds not every number that a decision may see, and its SDK fewer still. */
const StoredGuard = z.object({ revision: z.int().positive(), record: fromJson(GuardRecord).optional() });

/** What people asked of the guard, what it decided, and its share of the audit, in the ledger table. */
export class DynamoDbGuards implements GuardStore {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(route: RouteType): Promise<GuardRecord | undefined> {
    return (await this.see(route)).record;
  }

  async see(route: RouteType): Promise<GuardSight> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: guardKey(route), ConsistentRead: true }),
    );
    if (Item === undefined) return { record: undefined, revision: 0 };
    const { record, revision } = StoredGuard.parse(Item);
    return { record, revision };
  }

  async set(given: GuardRecord, seen: number): Promise<void> {
    const record = GuardRecord.parse(given);
    const { route, by, reason, at, policy, knownVersion } = record;
    const [guard, audit] = this.#writes(route, seen, record, knownVersion, {
      kind: "policy",
      route,
      by,
      reason,
      at,
      policy,
    });
    const refusals = await transact(this.#client, [guard, this.#isAt(route, knownVersion), audit]);
    if (refusals === undefined) return;
    if (isRefused(refusals[0])) throw changed(route);
    const message = "somebody changed the rollout since it was read: read it again";
    throw new BridgeError("ROLLOUT_CHANGED", "reject", message, { details: { route, version: knownVersion } });
  }

  async remove(route: RouteType, audit: RolloutAudit, version: number, seen: number): Promise<void> {
    const writes = this.#writes(route, seen, undefined, version, { kind: "policy", route, ...audit });
    if ((await transact(this.#client, writes)) !== undefined) throw changed(route);
  }

  async decide(
    given: GuardRecord & { readonly last: GuardEntry },
    seen: number,
    move?: { readonly rollout: Rollout; readonly audit: RolloutAudit },
  ): Promise<void> {
    const { route } = given;
    const entry = given.last;
    // Every look is one write of the record: so many ago, the entry was new.
    const first = seen + 2 - entry.looks;
    const writes = this.#writes(
      route,
      seen,
      given,
      entry.version,
      { kind: "guard", route, at: entry.at, entry },
      first,
    );
    const moves = move === undefined ? [] : rolloutWrites(this.#table, move.rollout, move.audit);
    const refusals = await transact(this.#client, [...writes, ...moves]);
    if (refusals === undefined) return;
    if (isRefused(refusals[0]) || move === undefined) throw changed(route);
    throw refusedRollout(move.rollout, refusals[writes.length]);
  }

  /** The record, if it still is as it was seen, and what the audit keeps of the write, at `number` of that version. */
  #writes(
    route: RouteType,
    seen: number,
    record: GuardRecord | undefined,
    version: number,
    entry: AuditEntry,
    number = seen + 1,
  ): [Writes[number], Writes[number]] {
    const TableName = this.#table;
    const guard = {
      Put: {
        ...{
          TableName,
          Item: { ...guardKey(route), revision: seen + 1, record: record && JSON.stringify(GuardRecord.parse(record)) },
        },
        ConditionExpression: seen === 0 ? "attribute_not_exists(pk)" : "revision = :seen",
        ...(seen > 0 && { ExpressionAttributeValues: { ":seen": seen } }),
      },
    };
    const kept = JSON.stringify(AuditEntry.parse(entry));
    return [guard, { Put: { TableName, Item: { ...guardAuditKey(route, version, number), entry: kept } } }];
  }

  #isAt(route: RouteType, version: number): Writes[number] {
    return {
      ConditionCheck: {
        ...{ TableName: this.#table, Key: rolloutKey(route) },
        ConditionExpression: version === 0 ? "attribute_not_exists(pk)" : "version = :version",
        ...(version > 0 && { ExpressionAttributeValues: { ":version": version } }),
      },
    };
  }
}

const isRefused = (refusal: Refusal | undefined): boolean => refusal?.kind === "condition";

const changed = (route: RouteType): BridgeError =>
  new BridgeError(
    "GUARD_CHANGED",
    "reject",
    "somebody changed what the guard is to do since it was read: read it again",
    {
      details: { route },
    },
  );
