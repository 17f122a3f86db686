import { DeleteObjectCommand, GetBucketLifecycleConfigurationCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { inputOf, type Payload, type PayloadStore, payloadOf } from "@crossfade/bridge";
import { PAYLOAD_RETENTION_DAYS, payloadClient, S3Payloads } from "@crossfade/bridge/adapters/s3-payloads";
import { type Cloud, startCloud } from "@crossfade/local";
import { createPayloadBucket } from "@crossfade/local/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryPayloads } from "../../packages/bridge/src/testing.ts";

const BUCKET = "payloads-test";

let cloud: Cloud;
let s3: ReturnType<typeof payloadClient>;
beforeAll(async () => {
  cloud = await startCloud();
  Object.assign(process.env, cloud.env);
  s3 = payloadClient();
  await createPayloadBucket(BUCKET);
});
afterAll(async () => {
  s3.destroy();
  await cloud.close();
});

interface Stored {
  readonly store: PayloadStore;
  /** Puts other content under a payload's key, or none. */
  tamper(payload: Payload, content: string | undefined): Promise<void>;
}

/** The store of the unit tests must behave as the adapter does. */
const stores: Readonly<Record<string, () => Stored>> = {
  S3: () => ({
    store: new S3Payloads(s3, BUCKET),
    async tamper({ check }, Body) {
      const object = { Bucket: BUCKET, Key: `payloads/${check.sha256}` };
      if (Body === undefined) await s3.send(new DeleteObjectCommand(object));
      else await s3.send(new PutObjectCommand({ ...object, Body }));
    },
  }),
  memory: () => {
    const store = new MemoryPayloads();
    return {
      store,
      async tamper({ check }, content) {
        if (content === undefined) store.kept.delete(check.sha256);
        else store.kept.set(check.sha256, content);
      },
    };
  },
};

describe.each(Object.entries(stores))("a store of payloads, %s (N18)", (name, make) => {
  const value = { name, text: "Åke Mäki-Öljymäki € \u{1f3e0}", padding: "x".repeat(200_000) };
  const payload = payloadOf(value);

  it("gives back what was put, however often it was", async () => {
    const { store } = make();
    await Promise.all([store.put(payload), store.put(payload)]);
    await store.put(payload);
    expect(await store.get(payload.check)).toMatchObject({ kind: "found" });
    expect(await inputOf(store, { inputCheck: payload.check })).toEqual(value);
  });

  it("knows nothing of what was never put, or is gone", async () => {
    const { store, tamper } = make();
    expect(await store.get(payloadOf({ name, never: "put" }).check)).toEqual({ kind: "missing" });
    await store.put(payload);
    await tamper(payload, undefined);
    expect(await store.get(payload.check)).toEqual({ kind: "missing" });
  });

  it.each([
    ["a byte more", `${payload.text} `],
    ["a byte less", payload.text.slice(0, -1)],
    ["far more", payload.text.repeat(20)],
    ["nothing at all", ""],
  ])("hands nothing over that has another size: %s", async (_, content) => {
    const { store, tamper } = make();
    await tamper(payload, content);
    expect(await store.get(payload.check)).toEqual({ kind: "other-size" });
  });

  it("hands other content of the same size over to be judged, and a put puts it right", async () => {
    const { store, tamper } = make();
    await tamper(payload, payload.text.replace("Åke", "Öke"));
    const forged = { code: "CLAIM_CHECK_FORGED", disposition: "reject" };
    await expect(inputOf(store, { inputCheck: payload.check })).rejects.toMatchObject(forged);
    await store.put(payload);
    expect(await inputOf(store, { inputCheck: payload.check })).toEqual(value);
  });
});

describe("the bucket", () => {
  it("lets payloads expire, some days after they were put last", async () => {
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET }));
    const rule = { Status: "Enabled", Filter: { Prefix: "payloads/" }, Expiration: { Days: PAYLOAD_RETENTION_DAYS } };
    expect(Rules).toEqual([expect.objectContaining(rule)]);
    // 90 days for which Step Functions remembers, and 14 for a redrive.
    expect(PAYLOAD_RETENTION_DAYS).toBeGreaterThanOrEqual(90 + 14);
  });

  it("that is not there is no missing payload: the call fails, to be tried again", async () => {
    const store = new S3Payloads(s3, "no-such-bucket");
    const { check } = payloadOf({ a: 1 });
    await expect(store.get(check)).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(store.put(payloadOf({ a: 1 }))).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});
