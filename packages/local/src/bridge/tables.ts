import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LEDGER_SCHEMA } from "@crossfade/bridge/adapters/dynamodb-keys";

const keySchema = ({ hash, range }: { readonly hash: string; readonly range: string }) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];

/** The ledger table from the same description that the stacks deploy. */
export function ledgerTable(TableName: string): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: Object.entries(LEDGER_SCHEMA.attributes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(LEDGER_SCHEMA.primary),
    GlobalSecondaryIndexes: Object.entries(LEDGER_SCHEMA.indexes).map(([IndexName, keys]) => ({
      IndexName,
      KeySchema: keySchema(keys),
      Projection: { ProjectionType: keys.projection },
    })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  };
}

export async function createLedger(endpoint: string, region: string, name: string): Promise<void> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  await client.send(new CreateTableCommand(ledgerTable(name)));
  client.destroy();
}
