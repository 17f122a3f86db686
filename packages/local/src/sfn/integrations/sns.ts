import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import * as z from "zod";
import { defineIntegration, type Integration, sdkMetadata } from "./integration.ts";
import { bodyText, MessageAttributes } from "./message.ts";

const Parameters = z.strictObject({
  TopicArn: z.string(),
  Message: z.json(),
  Subject: z.string().optional(),
  MessageAttributes: MessageAttributes.optional(),
  MessageStructure: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});

export function snsPublish(client: SNSClient): Integration {
  return defineIntegration({
    patterns: ["request", "waitForTaskToken"],
    parameters: Parameters,
    errorPrefix: "SNS",
    call: async ({ Message, ...rest }) => {
      const { $metadata, ...result } = await client.send(new PublishCommand({ ...rest, Message: bodyText(Message) }));
      return { ...result, ...sdkMetadata($metadata.requestId ?? "") };
    },
  });
}
