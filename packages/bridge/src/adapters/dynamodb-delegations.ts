import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { RequestKey } from "../ids.ts";
import type { DelegationTokens, KeptToken } from "../ports.ts";
import { type Documents, whenAllowed } from "./dynamodb-client.ts";
import { tokenKey } from "./dynamodb-keys.ts";

const StoredToken = z.object({ attempt: z.number(), sealed: z.string() });

/** The write that keeps a token, on its own or in the transaction that begins its effect. */
export const tokenPut = (TableName: string, key: RequestKey, { attempt, sealed }: KeptToken) => ({
  TableName,
  Item: { ...tokenKey(key), attempt, sealed },
  ConditionExpression: "attribute_not_exists(pk) OR attempt <= :attempt",
  ExpressionAttributeValues: { ":attempt": attempt },
});

/** Tokens of Actions that wait for the legacy service, in the ledger table. */
export class DynamoDbDelegations implements DelegationTokens {
  readonly #client: Documents;
  readonly #table: string;

  constructor(client: Documents, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(key: RequestKey, token: KeptToken): Promise<void> {
    await whenAllowed(this.#client.send(new PutCommand(tokenPut(this.#table, key, token))));
  }

  async read(key: RequestKey): Promise<KeptToken | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: tokenKey(key), ConsistentRead: true }),
    );
    return Item && StoredToken.parse(Item);
  }

  async remove(key: RequestKey, attempt: number): Promise<void> {
    await whenAllowed(
      this.#client.send(
        new DeleteCommand({
          TableName: this.#table,
          Key: tokenKey(key),
          ConditionExpression: "attempt <= :attempt",
          ExpressionAttributeValues: { ":attempt": attempt },
        }),
      ),
    );
  }
}
