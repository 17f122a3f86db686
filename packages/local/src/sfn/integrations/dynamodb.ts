import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { defineIntegration, type Integration, sdkMetadata } from "./integration.ts";

/** DynamoDB JSON. Binary values are not supported by the local cloud. Numbers may be given as numbers, as on AWS. */
const attributeText = z.union([z.string(), z.number().transform(String)]);
const Attribute: z.ZodType<AttributeValue> = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: attributeText }),
  z.strictObject({ BOOL: z.boolean() }),
  z.strictObject({ NULL: z.literal(true) }),
  z.strictObject({ SS: z.array(z.string()) }),
  z.strictObject({ NS: z.array(attributeText) }),
  z.strictObject({ L: z.array(z.lazy(() => Attribute)) }),
  z.strictObject({
    M: z.record(
      z.string(),
      z.lazy(() => Attribute),
    ),
  }),
]);
const Attributes = z.record(z.string(), Attribute);

const common = {
  TableName: z.string(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ReturnConsumedCapacity: z.enum(["INDEXES", "TOTAL", "NONE"]).optional(),
};
const write = {
  ...common,
  ConditionExpression: z.string().optional(),
  ExpressionAttributeValues: Attributes.optional(),
  ReturnItemCollectionMetrics: z.enum(["SIZE", "NONE"]).optional(),
  ReturnValues: z.enum(["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]).optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(["ALL_OLD", "NONE"]).optional(),
};

interface Answer {
  readonly $metadata: { readonly requestId?: string | undefined };
}

function integration<S extends z.ZodRawShape>(
  parameters: z.ZodObject<S>,
  send: (parameters: z.infer<z.ZodObject<S>>) => Promise<Answer>,
): Integration {
  return defineIntegration({
    patterns: ["request"],
    parameters,
    errorPrefix: "DynamoDB",
    call: async (given) => {
      const { $metadata, ...result } = await send(given);
      return { ...result, ...sdkMetadata($metadata.requestId ?? "") };
    },
  });
}

export function dynamodbIntegrations(client: DynamoDBClient): Readonly<Record<string, Integration>> {
  const key = { Key: Attributes };
  return {
    getItem: integration(
      z.strictObject({
        ...common,
        ...key,
        ConsistentRead: z.boolean().optional(),
        ProjectionExpression: z.string().optional(),
      }),
      (input) => client.send(new GetItemCommand(input)),
    ),
    putItem: integration(z.strictObject({ ...write, Item: Attributes }), (input) =>
      client.send(new PutItemCommand(input)),
    ),
    updateItem: integration(z.strictObject({ ...write, ...key, UpdateExpression: z.string().optional() }), (input) =>
      client.send(new UpdateItemCommand(input)),
    ),
    deleteItem: integration(z.strictObject({ ...write, ...key }), (input) => client.send(new DeleteItemCommand(input))),
  };
}
