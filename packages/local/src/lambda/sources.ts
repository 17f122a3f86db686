import { DescribeStreamCommand, ResourceNotFoundException } from "@aws-sdk/client-dynamodb-streams";
import { GetQueueAttributesCommand, GetQueueUrlCommand, QueueDoesNotExist } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { ACCOUNT_ID, type FunctionDescription } from "../contract.ts";
import type { MappingSettings } from "../mappings/managed.ts";
import { invalid, notSupported } from "./errors.ts";
import type { World } from "./world.ts";

export type Source =
  | { readonly kind: "queue"; readonly queueUrl: string; readonly queueArn: string }
  | { readonly kind: "stream"; readonly streamArn: string };

const Attributes = z.object({ VisibilityTimeout: z.coerce.number() });

/** Throws InvalidParameterValueException where there is no such queue or stream. */
export async function findSource(world: World, arn: string): Promise<Source> {
  const [, , service, region, account, resource = ""] = arn.split(":");
  if (service === "dynamodb" && resource.includes("/stream/")) {
    await world.streams.send(new DescribeStreamCommand({ StreamArn: arn })).catch((error: unknown) => {
      throw error instanceof ResourceNotFoundException ? invalid(`Stream not found: ${arn}`) : error;
    });
    return { kind: "stream", streamArn: arn };
  }
  if (service !== "sqs") throw notSupported(`event source ${arn}`);
  if (region !== world.region || account !== ACCOUNT_ID)
    throw invalid(`${arn} is not a queue of this account and region.`);
  const { QueueUrl } = await world.sqs.send(new GetQueueUrlCommand({ QueueName: resource })).catch((error: unknown) => {
    throw error instanceof QueueDoesNotExist ? invalid(`The queue ${arn} does not exist.`) : error;
  });
  return { kind: "queue", queueUrl: z.string().parse(QueueUrl), queueArn: arn };
}

/** A batch must not come again while the function may still be at it (guide, "Configuring a queue to use with Lambda"). */
export async function checkVisibility(world: World, settings: MappingSettings, fn: FunctionDescription): Promise<void> {
  if (settings.kind !== "queue") return;
  const { queueUrl: QueueUrl } = settings.options;
  const answer = await world.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] }),
  );
  const { VisibilityTimeout: visibility } = Attributes.parse(answer.Attributes);
  if (visibility >= fn.timeoutSeconds) return;
  throw invalid(
    `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${fn.timeoutSeconds} seconds`,
  );
}
