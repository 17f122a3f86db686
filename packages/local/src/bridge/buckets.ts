import { CreateBucketCommand, PutBucketLifecycleConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { PAYLOAD_LIFECYCLE } from "@crossfade/bridge/adapters/s3-payloads";

/** The bucket for claim checks, with its lifecycle. fauxqs keeps the rule and expires nothing by it. */
export async function createPayloadBucket(Bucket: string): Promise<void> {
  const client = new S3Client({});
  const { id, prefix, expirationDays } = PAYLOAD_LIFECYCLE;
  const rule = { ID: id, Filter: { Prefix: prefix }, Expiration: { Days: expirationDays }, Status: "Enabled" as const };
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }));
  client.destroy();
}
