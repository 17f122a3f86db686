import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { TokenVault } from "../ports.ts";

const ALGORITHM = "aes-256-gcm";
/** Bytes, as NIST SP 800-38D recommends them for GCM. */
const NONCE = 12;
const TAG = 16;

/**
 * Seals with AES-256-GCM. The subject is authenticated with the secret, so that a sealed token which is copied to
 * another request does not open there. A fresh nonce for each: the same token never looks the same.
 */
export class AesTokenVault implements TokenVault {
  readonly #key: Buffer;

  /**
   * @param key 32 bytes in base64.
   * @throws TypeError when it is anything else.
   */
  constructor(key: string) {
    this.#key = Buffer.from(key, "base64");
    if (this.#key.length !== 32) throw new TypeError("the token key must be 32 bytes in base64");
  }

  seal(secret: string, subject: string): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(subject));
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  }

  open(sealed: string, subject: string): string {
    const bytes = Buffer.from(sealed, "base64");
    const nonce = bytes.subarray(0, NONCE);
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG })
      .setAAD(Buffer.from(subject))
      .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString("utf8");
  }
}
