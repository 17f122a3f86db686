import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { startDynamoDb } from "@crossfade/local/dynamodb";
import { createLedger } from "@crossfade/local/ledger";

export interface LedgerFixture {
  readonly client: Documents;
  readonly table: string;
  readonly endpoint: string;
  createTable(name: string, key: string): Promise<void>;
  close(): Promise<void>;
}

/** A ledger table on a real server, of its own. */
export async function startLedger(): Promise<LedgerFixture> {
  const server = await startDynamoDb();
  const region = "eu-west-1";
  const raw = new DynamoDBClient({
    endpoint: server.endpoint,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await createLedger(server.endpoint, region, "ledger");
  return {
    client: DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } }),
    table: "ledger",
    endpoint: server.endpoint,
    async createTable(TableName, key) {
      await raw.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
          KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
        }),
      );
    },
    async close() {
      raw.destroy();
      await server.close();
    },
  };
}
