import { LEDGER_SCHEMA } from "@crossfade/bridge/adapters/dynamodb-keys";
import { PAYLOAD_LIFECYCLE } from "@crossfade/bridge/adapters/s3-payloads";
import type { Plan } from "./plan.ts";

export type Ledger = Pick<aws.dynamodb.Table, "streamArn">;

/** The ledger. It has no expiry: a claim outlives the 90 days in which Step Functions remembers a name (X8). */
function ledger({ place }: Plan): Ledger {
  return new aws.dynamodb.Table(
    "ledger",
    {
      name: place.ledger.name,
      billingMode: "PAY_PER_REQUEST",
      attributes: Object.entries(LEDGER_SCHEMA.attributes).map(([name, type]) => ({ name, type })),
      hashKey: LEDGER_SCHEMA.primary.hash,
      rangeKey: LEDGER_SCHEMA.primary.range,
      globalSecondaryIndexes: Object.entries(LEDGER_SCHEMA.indexes).map(([name, { hash, range, projection }]) => ({
        name,
        hashKey: hash,
        rangeKey: range,
        projectionType: projection,
      })),
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
      pointInTimeRecovery: { enabled: true },
      // With the account's own key for DynamoDB, which no role needs a permission for.
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: place.retain,
    },
    { retainOnDelete: place.retain },
  );
}

/** What is too large for a message or a state travels through here (N18). */
function payloads({ place }: Plan): void {
  const bucket = new aws.s3.Bucket(
    "payloads",
    // A bucket that holds anything cannot be removed otherwise.
    { bucket: place.bucket.name, forceDestroy: !place.retain },
    { retainOnDelete: place.retain },
  );
  const id = { bucket: bucket.bucket };
  new aws.s3.BucketServerSideEncryptionConfiguration("payloads", {
    ...id,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  new aws.s3.BucketPublicAccessBlock("payloads", {
    ...id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new aws.s3.BucketOwnershipControls("payloads", { ...id, rule: { objectOwnership: "BucketOwnerEnforced" } });
  new aws.s3.BucketLifecycleConfiguration("payloads", {
    ...id,
    rules: [
      {
        id: PAYLOAD_LIFECYCLE.id,
        status: "Enabled",
        filter: { prefix: PAYLOAD_LIFECYCLE.prefix },
        expiration: { days: PAYLOAD_LIFECYCLE.expirationDays },
      },
    ],
  });
}

/** @returns the ledger, whose stream has no name before it is there. */
export function storage(plan: Plan): Ledger {
  payloads(plan);
  return ledger(plan);
}
