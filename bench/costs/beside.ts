import { CreateTopicCommand, type SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { PlacedSource } from "@crossfade/bridge/deployment";
import type { Cloud } from "@crossfade/local";
import * as z from "zod";
import { subscribedQueue } from "../../test/integration/support/queues.ts";

/** A queue that ingest reads, and the topic that feeds it. */
export interface Intake {
  readonly url: string;
  readonly arn: string;
  readonly topicArn: string;
}

/** Two sources that the reference deployment has not: a tap, and a function on a topic. */
export interface SourcesBeside {
  readonly tapped: Intake;
  readonly functions: Intake;
  readonly placed: readonly PlacedSource[];
  /** URL of the queue from which the old service takes what comes by either. */
  readonly oldQueueUrl: string;
}

const SnsEvent = z.object({ Records: z.tuple([z.object({ Sns: z.object({ Message: z.string() }) })]) });

interface Place {
  readonly cloud: Cloud;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

export async function sourcesBeside({ cloud, sns, sqs }: Place): Promise<SourcesBeside> {
  const intakeOf = async (Name: string): Promise<Intake> => {
    const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name }));
    return { ...(await subscribedQueue({ sns, sqs }, topicArn)), topicArn };
  };
  const tapped = await intakeOf("tapped");
  const functions = await intakeOf("functions");
  const { QueueUrl: oldQueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "old-consumers" }));
  const functionArn = cloud.functions.register("old-function", async (event) => {
    const [{ Sns }] = SnsEvent.parse(event).Records;
    await sqs.send(new SendMessageCommand({ QueueUrl: oldQueueUrl, MessageBody: Sns.Message }));
  });
  const placedAt = ({ url, arn, topicArn }: Intake, forward: PlacedSource["forward"]): PlacedSource => ({
    intake: { queueUrl: url, queueArn: arn },
    topicArns: [topicArn],
    forward,
  });
  const placed = [placedAt(tapped, { kind: "tap" }), placedAt(functions, { kind: "lambda", functionArn })];
  return { tapped, functions, placed, oldQueueUrl };
}
