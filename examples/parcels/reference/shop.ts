import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { BookShipment, CancelPickup } from "../contract/messages.ts";
import type { Resources } from "./resources.ts";

/** The shop of a merchant, as it was before anybody thought of a bridge. */
export const shop = (documents: DynamoDBDocumentClient, sns: SNSClient, resources: Resources) => ({
  /** Has the card authorised, writes the job's row, and tells the carrier's side. */
  async order(message: BookShipment | CancelPickup): Promise<void> {
    const { event, ref, body } = message;
    if ("charge" in body) {
      const { authorisation: authorisationId, cents: amount } = body.charge;
      const Item = { authorisationId, amount, state: "authorised" };
      await documents.send(new PutCommand({ TableName: resources.chargesTable, Item }));
    }
    const since = Math.floor(Date.now() / 1000);
    const { merchant, parcel } = body;
    const Item = { ref, event, merchant, parcel, state: "NEW", since, changed: since };
    await documents.send(new PutCommand({ TableName: resources.jobsTable, Item }));
    await this.publish(message);
  },
  async publish(message: unknown): Promise<void> {
    await sns.send(new PublishCommand({ TopicArn: resources.topicArn, Message: JSON.stringify(message) }));
  },
});
export type Shop = ReturnType<typeof shop>;
