import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { defineIntegration, type Integration, sdkMetadata } from "./integration.ts";
import { bodyText, MessageAttributes } from "./message.ts";

const Parameters = z.strictObject({
  QueueUrl: z.string(),
  MessageBody: z.json(),
  DelaySeconds: z.int().min(0).max(900).optional(),
  MessageAttributes: MessageAttributes.optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});

export function sqsSendMessage(client: SQSClient): Integration {
  return defineIntegration({
    patterns: ["request", "waitForTaskToken"],
    parameters: Parameters,
    errorPrefix: "SQS",
    call: async ({ MessageBody, ...rest }) => {
      const sent = await client.send(new SendMessageCommand({ ...rest, MessageBody: bodyText(MessageBody) }));
      const { $metadata, ...result } = sent;
      return { ...result, ...sdkMetadata($metadata.requestId ?? "") };
    },
  });
}
