import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, type PutCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { Claim, type Lease, laneOf, type Mirrored, pinEntry } from "../claim.ts";
import { BridgeError } from "../errors.ts";
import type { ExecutionName, OrderId, PinKey, RequestKey, RouteType } from "../ids.ts";
import type { Outcome } from "../outcome.ts";
import type { ClaimAllResult, ClaimEnd, ClaimLedger, ClaimResult, Page, ShadowEnd, WatchedClaims } from "../ports.ts";
import type { RowImage } from "../route.ts";
import { getMany } from "./dynamodb-batch.ts";
import { type Documents, type Item, transact, whenAllowed } from "./dynamodb-client.ts";
import { inFlightPage } from "./dynamodb-in-flight.ts";
import { claimKey, claimKeyOf, OPEN_SHADOWS_INDEX, orderKey, pinItemKey, watchedName } from "./dynamodb-keys.ts";
import { joinPin, pinOf } from "./dynamodb-pins.ts";

const claimOf = ({ pk: _, sk: __, inFlight: ___, openShadow: ____, ...item }: Item): Claim => Claim.parse(item);

const openShadow = ({ shadow, route }: Claim) =>
  shadow !== undefined && shadow.endedAt === undefined && { openShadow: route };

/** Claims and pins in the ledger table. */
export class DynamoDbClaims implements ClaimLedger, WatchedClaims {
  readonly #client: Documents;
  readonly #table: string;
  readonly #watchEnded: boolean;

  /** @param watchEnded claims that end are watched until somebody forgets them: where rows are polled by claims. */
  constructor(client: Documents, table: string, { watchEnded = false } = {}) {
    this.#client = client;
    this.#table = table;
    this.#watchEnded = watchEnded;
  }

  async claimAll(order: { orderId: OrderId; hash: string }, claims: readonly Claim[]): Promise<ClaimAllResult> {
    const refusals = await transact(this.#client, [
      {
        Put: {
          TableName: this.#table,
          Item: { ...orderKey(order.orderId), bodyHash: order.hash },
          ConditionExpression: "attribute_not_exists(pk) OR bodyHash = :hash",
          ExpressionAttributeValues: { ":hash": order.hash },
        },
      },
      ...claims.map((claim) => ({ Put: this.#put(claim) })),
    ]);
    if (refusals === undefined) return { kind: "claimed" };
    const [bound, ...rest] = refusals;
    if (bound?.kind === "condition") return { kind: "other-order" };
    const old = rest.flatMap((refusal) => (refusal.kind === "condition" && refusal.old ? [claimOf(refusal.old)] : []));
    return { kind: "exists", claims: old };
  }

  claim(claim: Claim, takeOver?: readonly string[]): Promise<ClaimResult> {
    return this.#claim(this.#put(claim), claim, takeOver);
  }

  takeFromTap(claim: Claim, tap: string, takeOver?: readonly string[]): Promise<ClaimResult> {
    const put = {
      ...this.#put(claim),
      ConditionExpression: "tap = :tap AND attribute_not_exists(endedAt)",
      ExpressionAttributeValues: { ":tap": tap },
    };
    return this.#claim(put, claim, takeOver);
  }

  /** One conditional put, together with the claim's pin where it has one. */
  async #claim(put: PutCommandInput, claim: Claim, takeOver: readonly string[] | undefined): Promise<ClaimResult> {
    if (claim.pinKey === undefined) {
      try {
        await this.#client.send(new PutCommand(put));
        return { kind: "claimed", claim };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
        return { kind: "exists", claim: claimOf(unmarshall(error.Item)) };
      }
    }
    const pin = joinPin(this.#table, claim.pinKey, laneOf(claim), [pinEntry(claim, claim.generation)], takeOver);
    const refusals = await transact(this.#client, [{ Put: put }, pin]);
    if (refusals === undefined) return { kind: "claimed", claim };
    const [existing, pinned] = refusals;
    if (existing?.kind === "condition" && existing.old) return { kind: "exists", claim: claimOf(existing.old) };
    if (pinned?.kind === "condition") return { kind: "pinned", pin: pinOf(pinned.old) };
    throw new BridgeError("LEDGER_BUSY", "retry", "the ledger refused a claim without saying why");
  }

  async read(key: RequestKey): Promise<Claim | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: claimKey(key), ConsistentRead: true }),
    );
    return Item && claimOf(Item);
  }

  async readMany(keyTexts: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const items = await getMany(this.#client, this.#table, [...new Set(keyTexts)].map(claimKeyOf));
    return new Map(items.map(claimOf).map((claim) => [`${claim.route}#${claim.requestId}`, claim]));
  }

  async markStarted(key: RequestKey, at: number): Promise<void> {
    await this.#set(key, "SET startedAt = if_not_exists(startedAt, :at)", { ":at": at });
  }

  async markForwarded(key: RequestKey, at: number): Promise<void> {
    await this.#set(key, "SET forwardedAt = if_not_exists(forwardedAt, :at) REMOVE lease", { ":at": at });
  }

  async takeOverLease(key: RequestKey, seen: Lease, next: Lease): Promise<boolean> {
    return this.#set(key, "SET lease = :next", { ":next": next, ":seen": seen }, "lease = :seen");
  }

  async mirror(key: RequestKey, mirrored: Mirrored, end?: ClaimEnd): Promise<void> {
    const wins = "attribute_exists(pk) AND (attribute_not_exists(mirrored) OR mirrored.fence < :fence)";
    const values = { ":mirrored": mirrored, ":fence": mirrored.fence };
    if (end === undefined) {
      await this.#set(key, "SET mirrored = :mirrored", values, wins);
      return;
    }
    const leaving = this.#leaving(key);
    await this.#set(
      key,
      `SET mirrored = :mirrored, endedAt = :at, orderOutcome = :outcome, generation = :generation${leaving.expression}`,
      { ...values, ":at": end.at, ":outcome": end.outcome, ":generation": end.generation, ...leaving.values },
      // The same fence may end the claim that it was mirrored to before its row was written. An earlier redrive ends
      // nothing (R9); a later one ends what was redriven by hand, and had ended before (R10).
      `${wins.replace("<", "<=")} AND (generation < :generation OR (generation = :generation AND attribute_not_exists(endedAt)))`,
    );
  }

  async endLegacy(key: RequestKey, outcome: Outcome, image: RowImage, at: number): Promise<boolean> {
    const leaving = this.#leaving(key);
    return this.#set(
      key,
      `SET endedAt = :at, legacyOutcome = :outcome, mirrored = :mirrored${leaving.expression}`,
      { ":at": at, ":outcome": outcome, ":mirrored": { fence: 0, image }, ":legacy": "legacy", ...leaving.values },
      "#path = :legacy AND attribute_not_exists(endedAt)",
      { "#path": "path" },
    );
  }

  endShadow(key: RequestKey, shadow: ExecutionName, end: ShadowEnd): Promise<boolean> {
    return this.#endPlan(key, "shadow", shadow, end, " REMOVE openShadow");
  }

  endTwin(key: RequestKey, twin: ExecutionName, end: ShadowEnd): Promise<boolean> {
    return this.#endPlan(key, "shadow.twin", twin, end, "");
  }

  #endPlan(
    key: RequestKey,
    plan: "shadow" | "shadow.twin",
    name: ExecutionName,
    { endedAt, ...how }: ShadowEnd,
    leaving: string,
  ): Promise<boolean> {
    const [what, end] = "outcome" in how ? ["outcome", how.outcome] : ["failure", how.failure];
    return this.#set(
      key,
      `SET ${plan}.#what = :end, ${plan}.endedAt = :at${leaving}`,
      { ":end": end, ":at": endedAt, ":name": name },
      `${plan}.executionName = :name AND attribute_not_exists(${plan}.endedAt)`,
      { "#what": what },
    );
  }

  async releasePin(pinKey: PinKey, entries: readonly string[]): Promise<void> {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: pinItemKey(pinKey),
        UpdateExpression: "DELETE #open :entries",
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: { ":entries": new Set(entries) },
      }),
    );
  }

  async inFlight(route: RouteType, before: number, limit: number, after?: string): Promise<Page<Claim>> {
    const { entries, next } = await inFlightPage(this.#client, this.#table, route, { limit, before, after });
    return { entries: entries.map(claimOf), next };
  }

  async openShadows(route: RouteType, before: number, limit: number, after?: string): Promise<Page<Claim>> {
    const page = { limit, before, after };
    const { entries, next } = await inFlightPage(this.#client, this.#table, route, page, OPEN_SHADOWS_INDEX);
    return { entries: entries.map(claimOf), next };
  }

  async watched(route: RouteType, limit: number, after?: string): Promise<Page<Claim>> {
    const { entries, next } = await inFlightPage(this.#client, this.#table, watchedName(route), { limit, after });
    return { entries: entries.map(claimOf), next };
  }

  async forget(key: RequestKey): Promise<void> {
    await this.#set(key, "REMOVE inFlight", { ":watched": watchedName(key.route) }, "inFlight = :watched");
  }

  /** How a claim that ends leaves those in flight; to follow a SET. */
  #leaving({ route }: RequestKey): { readonly expression: string; readonly values: Item } {
    return this.#watchEnded
      ? { expression: ", inFlight = :watched", values: { ":watched": watchedName(route) } }
      : { expression: " REMOVE inFlight", values: {} };
  }

  #put(claim: Claim) {
    return {
      TableName: this.#table,
      Item: { ...claimKey(claim), ...claim, inFlight: claim.route, ...openShadow(claim) },
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    };
  }

  /** One update of a claim that is there; false when the condition does not hold. */
  #set(
    key: RequestKey,
    UpdateExpression: string,
    ExpressionAttributeValues: Item,
    ConditionExpression = "attribute_exists(pk)",
    names?: Record<string, string>,
  ): Promise<boolean> {
    return whenAllowed(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: claimKey(key),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
          ...(names && { ExpressionAttributeNames: names }),
        }),
      ),
    );
  }
}
