import { BridgeError } from "@crossfade/bridge";

/** True where the SDK has tried again by itself, or says that the service is at fault: throttling, outages, time-outs. */
function passesAtAws(error: Error): boolean {
  if ("$fault" in error && error.$fault === "server") return true;
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  const attempts = typeof metadata === "object" && metadata !== null && "attempts" in metadata ? metadata.attempts : 1;
  return typeof attempts === "number" && attempts > 1;
}

/**
 * True for a failure that trying again is expected to end: it is counted and logged, and no person need hear of it. An
 * error that nobody foresaw is not one of them.
 */
export function passes(error: unknown): boolean {
  // The deployment lacks a source: it is retried so that nothing is lost, and does not pass.
  if (error instanceof BridgeError && error.code === "UNKNOWN_SOURCE") return false;
  // Work of an order that has ended meanwhile is refused: nothing was done, and who ended the order has told of it.
  if (error instanceof BridgeError) return error.disposition === "retry" || error.code === "EFFECT_REFUSED";
  if (!(error instanceof Error)) return false;
  // An adopter's own errors may say so themselves.
  if ("passes" in error && typeof error.passes === "boolean") return error.passes;
  return error.name === "AbortError" || error.name === "TimeoutError" || passesAtAws(error);
}
