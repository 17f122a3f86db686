import { Readable } from "node:stream";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { ClaimCheck, Found, Payload } from "../claim-check.ts";
import type { PayloadStore } from "../ports.ts";

const PREFIX = "payloads/";

/**
 * Days for which a payload is kept: 90 for which Step Functions tells of a closed execution, and 14 within which one may
 * be redriven. They begin anew whenever the payload is kept again.
 */
export const PAYLOAD_RETENTION_DAYS = 104;

/** The bucket's lifecycle, as PutBucketLifecycleConfiguration and Pulumi both name it. */
export const PAYLOAD_LIFECYCLE = {
  id: "payloads-expire",
  prefix: PREFIX,
  expirationDays: PAYLOAD_RETENTION_DAYS,
} as const;

/** Milliseconds; payloads are small, and whoever waits for one has other work in hand. */
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/**
 * Region, credentials and endpoint come from the environment, which the SDK reads itself; an endpoint that is an IP
 * address gets the bucket in the path. S3's own checksum of an answer is not asked for: the claim check has a stronger one.
 */
export const payloadClient = (): S3Client =>
  new S3Client({ requestHandler: TIMEOUTS, maxAttempts: 5, responseChecksumValidation: "WHEN_REQUIRED" });

/** For what is not worth waiting for: the payloads of a plan, beside records that are done in all else. */
export const hastyPayloadClient = (): S3Client =>
  new S3Client({
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
    maxAttempts: 1,
    responseChecksumValidation: "WHEN_REQUIRED",
  });

/**
 * Payloads in a bucket, each under the hash of its content; no part of a key comes out of a message. Encryption at rest
 * is the bucket's default. The role needs s3:ListBucket too: without it S3 says "forbidden" of what is missing, and
 * that is tried again as any other trouble.
 */
export class S3Payloads implements PayloadStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  #object({ sha256 }: ClaimCheck) {
    return { Bucket: this.#bucket, Key: PREFIX + sha256 };
  }

  /** Writes over what is there, on purpose: a write that is left out would not renew the days until it expires. */
  async put({ check, text }: Payload): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        ...this.#object(check),
        Body: text,
        ContentType: "application/json",
        ChecksumSHA256: Buffer.from(check.sha256, "hex").toString("base64"),
      }),
    );
  }

  /** Asks for one byte more than there should be, and reads nothing of an answer that has it. */
  async get(check: ClaimCheck): Promise<Found> {
    try {
      const range = `bytes=0-${check.bytes}`;
      const answer = await this.#client.send(new GetObjectCommand({ ...this.#object(check), Range: range }));
      if (answer.ContentLength !== check.bytes || answer.Body === undefined) {
        if (answer.Body instanceof Readable) answer.Body.destroy();
        return { kind: "other-size" };
      }
      return { kind: "found", content: await answer.Body.transformToByteArray() };
    } catch (error) {
      if (error instanceof NoSuchKey) return { kind: "missing" };
      // An empty object has no first byte to begin the range with.
      if (error instanceof S3ServiceException && error.name === "InvalidRange") return { kind: "other-size" };
      throw error;
    }
  }
}
