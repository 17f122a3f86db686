import { setTimeout as pause } from "node:timers/promises";
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";
import { BridgeError } from "../errors.ts";

export type Documents = DynamoDBDocumentClient;

/** An item as the document client hands it over, still to be parsed. */
export type Item = Record<string, unknown>;

/** Milliseconds; a call that hangs must not outlast the function, which has other records in hand. */
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** Region, credentials and endpoint come from the environment, which the SDK reads itself. */
export const documents = (): Documents =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: TIMEOUTS }), {
    marshallOptions: { removeUndefinedValues: true },
  });

/** A value that is kept as text. */
export const fromJson = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

/** A string set comes as a Set; an empty one is no attribute at all. */
export const stringsOf = (value: unknown): string[] => (value instanceof Set ? [...value].map(String).sort() : []);

/** Why one write of a transaction was refused; `none` for its neighbours. `old` is the item that refused it. */
export type Refusal = { readonly kind: "none" } | { readonly kind: "condition"; readonly old: Item | undefined };

/** The writes of one transaction. */
export type Writes = NonNullable<TransactWriteCommandInput["TransactItems"]>;

const ATTEMPTS = 8;

/** Writers of the same item make each other's transactions fail without being wrong; milliseconds, with jitter. */
export const backoff = (attempt: number): number => Math.random() * Math.min(400, 10 * 2 ** attempt);

/**
 * Writes all or nothing. Returns undefined when written, else one refusal per write. Conflicts with other
 * transactions are tried again.
 * @throws BridgeError LEDGER_BUSY (retry) when the conflicts do not end.
 */
export async function transact(client: Documents, writes: Writes): Promise<readonly Refusal[] | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: writes }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const conditions = reasons.map(
        (reason): Refusal =>
          reason.Code === "ConditionalCheckFailed"
            ? { kind: "condition", old: reason.Item && unmarshall(reason.Item) }
            : { kind: "none" },
      );
      if (conditions.some((refusal) => refusal.kind === "condition")) return conditions;
      if (attempt === ATTEMPTS || !reasons.some((reason) => reason.Code === "TransactionConflict")) {
        throw new BridgeError("LEDGER_BUSY", "retry", "the ledger refused a transaction", { cause: error });
      }
      await pause(backoff(attempt));
    }
  }
}

/** Runs a conditional write; false when its condition did not hold. */
export async function whenAllowed(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
