import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type StreamViewType,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import * as z from "zod";
import { clientOptions } from "../clients.ts";
import { DEFAULT_REGION } from "../contract.ts";
import { startDynamoDb } from "../dynamodb.ts";

/** What the tests read of an event: items have a key `id` and a counter `n`. */
export const StreamEvent = z.object({
  Records: z.array(
    z.looseObject({
      eventName: z.string(),
      dynamodb: z.looseObject({
        SequenceNumber: z.string(),
        Keys: z.object({ id: z.object({ S: z.string() }) }),
        NewImage: z.looseObject({ n: z.object({ N: z.string() }) }).optional(),
      }),
    }),
  ),
});

/** `id:n` of each record. */
export function labels(event: unknown): readonly string[] {
  return StreamEvent.parse(event).Records.map(
    ({ dynamodb }) => `${dynamodb.Keys.id.S}:${dynamodb.NewImage?.n.N ?? "gone"}`,
  );
}

export async function startTables() {
  const server = await startDynamoDb();
  const client = new DynamoDBClient(clientOptions(server.endpoint, DEFAULT_REGION));
  const streams = new DynamoDBStreamsClient(clientOptions(server.endpoint, DEFAULT_REGION));
  return {
    client,
    streams,
    /** A table with a stream; its ARN. */
    async create(name: string, view: StreamViewType = "NEW_AND_OLD_IMAGES"): Promise<string> {
      const { TableDescription } = await client.send(
        new CreateTableCommand({
          TableName: name,
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
          StreamSpecification: { StreamEnabled: true, StreamViewType: view },
        }),
      );
      return z.string().parse(TableDescription?.LatestStreamArn);
    },
    async put(table: string, id: string, n: number): Promise<void> {
      await client.send(new PutItemCommand({ TableName: table, Item: { id: { S: id }, n: { N: String(n) } } }));
    },
    async remove(table: string, id: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }));
    },
    async close(): Promise<void> {
      client.destroy();
      streams.destroy();
      await server.close();
    },
  };
}
