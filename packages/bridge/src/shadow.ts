import { withApproval } from "./approval.ts";
import type { Claim, Shadow } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import { shadowExecutionName, twinExecutionName } from "./execution-name.ts";
import { canonicalJson } from "./hash.ts";
import type { CorrelationId, RequestKey } from "./ids.ts";
import { shadowFromMessage } from "./order.ts";
import type { SoftError } from "./outcome.ts";
import { keepAll } from "./payloads.ts";
import type { ClaimLedger, Clock, OrderStarter, PayloadStore } from "./ports.ts";
import { isInBaseline, isSampled, type PathChoice } from "./rollout.ts";
import type { Migration, ParsedMessage } from "./route.ts";

/** What starts a plan-only order. Its calls give up soon: a record waits for them that is done in all else. */
export interface ShadowStarter {
  readonly orders: OrderStarter;
  readonly payloads: Pick<PayloadStore, "put">;
}

export interface ShadowDeps {
  readonly migration: Pick<Migration, "name" | "routes">;
  readonly ledger: Pick<ClaimLedger, "endShadow">;
  readonly shadow: ShadowStarter;
  readonly clock: Clock;
}

/** What became of the start. A failure is the shadow's alone: the request goes its legacy way as if there were none. */
export type ShadowStart =
  /** `twinError`: why it has no twin that was to have one; a sample of the baseline is lost, and nothing else. */
  | { readonly kind: "started"; readonly twinError?: unknown }
  /** `unrecorded`: why the claim does not say so; reconcile will find the shadow open, and not started. */
  | { readonly kind: "failed"; readonly error: unknown; readonly unrecorded?: unknown };

/** What the claim of a message on the legacy path says of its plan-only order: nothing where it is not sampled. */
export const shadowOf = (
  { name }: Pick<Migration, "name">,
  key: RequestKey,
  { sample = 0, baseline = 0 }: Pick<PathChoice, "sample" | "baseline">,
): { readonly shadow?: Shadow } => {
  if (!isSampled(sample, key)) return {};
  const twin = isInBaseline(baseline, key) && { twin: { executionName: twinExecutionName(name, key) } };
  return { shadow: { executionName: shadowExecutionName(name, key), ...twin } };
};

/** The code of a shadow whose order never began for a reason that is not the translation's. */
export const NOT_STARTED = "SHADOW_NOT_STARTED";

const failureOf = (error: unknown): SoftError =>
  error instanceof BridgeError
    ? { Code: error.code, Message: error.message.slice(0, 1000), Retryable: error.disposition === "retry" }
    : { Code: NOT_STARTED, Message: error instanceof Error ? error.name : "unknown", Retryable: true };

/**
 * Starts the plan-only order of a message that has gone its legacy way (X3). Never throws: what fails is written into the
 * claim as the shadow's failure. The name follows from the message, so that repeating it starts no second one.
 * @returns undefined for a claim without a shadow, or with one that has ended.
 */
export async function beginShadow(
  deps: ShadowDeps,
  claim: Claim,
  message: Pick<ParsedMessage, "key" | "draft">,
  correlationId: CorrelationId,
): Promise<ShadowStart | undefined> {
  const { migration, ledger, shadow } = deps;
  if (claim.shadow === undefined || claim.shadow.endedAt !== undefined) return undefined;
  try {
    const draft = () => withApproval(migration, message.draft());
    const { order, payloads } = shadowFromMessage(migration.name, message.key, draft, correlationId);
    await keepAll(shadow.payloads, payloads);
    await shadow.orders.start(order.executionName, canonicalJson(order));
    if (claim.shadow.twin === undefined) return { kind: "started" };
    // Its inputs are those of the first, and lie where they lay.
    const twin = shadowFromMessage(migration.name, message.key, draft, correlationId, "twin").order;
    return await shadow.orders.start(twin.executionName, canonicalJson(twin)).then(
      () => ({ kind: "started" }),
      (twinError: unknown) => ({ kind: "started", twinError }),
    );
  } catch (error) {
    const end = { endedAt: deps.clock.now(), failure: failureOf(error) };
    return ledger.endShadow(message.key, claim.shadow.executionName, end).then(
      () => ({ kind: "failed", error }),
      (unrecorded: unknown) => ({ kind: "failed", error, unrecorded }),
    );
  }
}
