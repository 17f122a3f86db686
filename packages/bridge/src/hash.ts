import { createHash } from "node:crypto";
import { configure } from "safe-stable-stringify";
import { v5 as uuidV5 } from "uuid";

const stringify = configure({ deterministic: true, strict: true });

/** The same value gives the same bytes, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError("the value has no JSON form");
  return text;
}

/** Of bytes, or of a text's UTF-8. */
export const sha256 = (content: string | Uint8Array): Buffer => createHash("sha256").update(content).digest();

/** Tells two bodies of the same request id apart: SHA-256 over the canonical JSON of the validated message. */
export const bodyHash = (message: unknown): string => sha256(canonicalJson(message)).toString("hex");

/** Namespace of every derived UUID; any fixed UUID serves, but it must never change. */
const NAMESPACE = "6f1c7c0e-4b8b-5c39-9a53-0a6d1f0f7d11";

/** A UUID (version 5, RFC 9562) that follows from its parts alone. */
export const derivedUuid = (...parts: readonly string[]): string => uuidV5(canonicalJson(parts), NAMESPACE);
