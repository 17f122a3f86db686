import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";

/** Whether a customer may order. */
export const Standing = z.enum(["good", "blocked"]);
export type Standing = z.infer<typeof Standing>;

/** One row of the customers table; its partition key is `customerId`. A customer without a row is in good standing. */
export const CustomerRow = z.object({ customerId: z.string(), standing: Standing });

export interface Customers {
  standingOf(customerId: string): Promise<Standing>;
}

/** The customers table of the legacy system, which the bridge only reads. */
export const customersTable = (client: DynamoDBDocumentClient, TableName: string): Customers => ({
  async standingOf(customerId) {
    const { Item } = await client.send(new GetCommand({ TableName, Key: { customerId }, ConsistentRead: true }));
    return Item === undefined ? "good" : CustomerRow.parse(Item).standing;
  },
});
