import { LEDGER_SCHEMA } from "@crossfade/bridge/adapters/dynamodb-keys";
import { PAYLOAD_RETENTION_DAYS } from "@crossfade/bridge/adapters/s3-payloads";
import { ledgerTable } from "@crossfade/local/ledger";
import { beforeAll, describe, expect, test } from "vitest";
import { type Stack, stackOf } from "./support/stack.ts";
import type { Resource } from "./synth/index.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

describe("the ledger", () => {
  const ledger = () => stack.one("table", "ledger").inputs;

  test("is the only table, and has the keys that the adapters use and the embedded cloud creates", () => {
    expect(stack.all("table").map(({ name }) => name)).toEqual(["ledger"]);
    const local = ledgerTable("webcat-production-ledger");
    const [hash, range] = local.KeySchema ?? [];
    expect(ledger()).toMatchObject({
      name: "webcat-production-ledger",
      billingMode: local.BillingMode,
      hashKey: hash?.AttributeName,
      rangeKey: range?.AttributeName,
      attributes: local.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
        name: AttributeName,
        type: AttributeType,
      })),
      globalSecondaryIndexes: Object.entries(LEDGER_SCHEMA.indexes).map(([name, keys]) => ({
        name,
        hashKey: keys.hash,
        rangeKey: keys.range,
        projectionType: keys.projection,
      })),
      streamEnabled: local.StreamSpecification?.StreamEnabled,
      streamViewType: local.StreamSpecification?.StreamViewType,
    });
    expect(local.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => [IndexName, Projection])).toEqual(
      Object.entries(LEDGER_SCHEMA.indexes).map(([name, keys]) => [name, { ProjectionType: keys.projection }]),
    );
  });

  test("is encrypted, can be restored to any second, and tells its changes", () => {
    expect(ledger()).toMatchObject({
      serverSideEncryption: { enabled: true },
      pointInTimeRecovery: { enabled: true },
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
    });
  });

  test("never lets a claim expire (X8)", () => {
    expect(ledger()).not.toHaveProperty("ttl");
  });

  test("cannot be deleted in production", () => {
    expect(ledger()["deletionProtectionEnabled"]).toBe(true);
  });
});

describe("the bucket of payloads", () => {
  const part = (type: string): Resource | undefined =>
    stack.synthesis.resources.find((each) => each.type.endsWith(`:${type}`) && each.name === "payloads");

  test("is encrypted, closed to the public, and without access lists", () => {
    expect(part("BucketServerSideEncryptionConfiguration")?.inputs["rules"]).toEqual([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ]);
    expect(part("BucketPublicAccessBlock")?.inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(part("BucketOwnershipControls")?.inputs).toMatchObject({ rule: { objectOwnership: "BucketOwnerEnforced" } });
  });

  test("keeps a payload for as long as its execution may be redriven (N18)", () => {
    expect(part("BucketLifecycleConfiguration")?.inputs["rules"]).toEqual([
      {
        id: "payloads-expire",
        status: "Enabled",
        filter: { prefix: "payloads/" },
        expiration: { days: PAYLOAD_RETENTION_DAYS },
      },
    ]);
  });

  test("has a name that no other account has", () => {
    const { bucket } = stack.one("bucket", "payloads").inputs;
    expect(bucket).toBe("webcat-production-payloads-000000000000-eu-west-1");
    expect(String(bucket).length).toBeLessThanOrEqual(63);
  });
});
