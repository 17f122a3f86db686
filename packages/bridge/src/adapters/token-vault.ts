import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { TaskToken } from "../approval.ts";
import { BridgeError } from "../errors.ts";
import type { TokenVault } from "../ports.ts";

const ALGORITHM = "aes-256-gcm";
/** Bytes, as NIST SP 800-38D recommends for GCM. */
const NONCE = 12;
const TAG = 16;

/**
 * Seals task tokens with AES-256-GCM: nonce, tag and ciphertext in one base64 text. The subject is authenticated with
 * them, so that a token opens for its own order or request only.
 */
export class AesTokenVault implements TokenVault {
  readonly #key: Uint8Array;

  /** @param key 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(token: TaskToken, subject: string): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(subject));
    const sealed = Buffer.concat([cipher.update(token, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  }

  open(sealedToken: string, subject: string): TaskToken {
    const bytes = Buffer.from(sealedToken, "base64");
    const [nonce, tag, sealed] = [
      bytes.subarray(0, NONCE),
      bytes.subarray(NONCE, NONCE + TAG),
      bytes.subarray(NONCE + TAG),
    ];
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG });
      decipher.setAAD(Buffer.from(subject)).setAuthTag(tag);
      return TaskToken.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8"));
    } catch {
      // Without its cause: what a parser or a cipher says of a token is not for a log.
      throw new BridgeError(
        "TOKEN_UNREADABLE",
        "fatal",
        "the token was sealed with another key, or for another order or request",
        { details: { subject } },
      );
    }
  }
}
