import { type Claim, keyOf } from "./claim.ts";
import { endDelegated } from "./delegate.ts";
import { openEnvelope, type SqsRecord } from "./envelope.ts";
import { BridgeError } from "./errors.ts";
import { attributesOf } from "./forward-message.ts";
import type { RequestKey } from "./ids.ts";
import type { ObserveDeps } from "./observe.ts";
import type { Outcome } from "./outcome.ts";
import type { Quarantine } from "./ports.ts";

export type DeadLetterDeps = ObserveDeps & { readonly quarantine: Quarantine };

export interface DeadLettered {
  /** Undefined for a message that is no delegated request. */
  readonly key: RequestKey | undefined;
  /** False: nobody waited for it any more, or its row tells an end. */
  readonly gaveUp: boolean;
}

/** The legacy service gave the message back as often as its queue allows, and said nothing in the row. */
const GAVE_UP: Outcome = {
  status: "FAILED",
  Error: { Code: "LEGACY_DEAD_LETTER", Message: "the legacy service did not do the work", Retryable: true },
  effects: [],
};

/** The claim of a delegated request; undefined for whatever else lies in the queue. */
async function claimOf(deps: DeadLetterDeps, record: SqsRecord): Promise<Claim | undefined> {
  try {
    const { body } = openEnvelope(record, []);
    const claim = await deps.claims.read(deps.migration.routeOf(body).parse(body).key);
    return claim?.integration === "delegate" ? claim : undefined;
  } catch (error) {
    if (error instanceof BridgeError && error.disposition === "reject") return undefined;
    throw error;
  }
}

/**
 * A delegated message that the legacy service could not do: it is kept in quarantine, whatever it is, and then the
 * Action that waits is told. Where the row tells an end, that counts. Safe to repeat.
 */
export async function deadLettered(deps: DeadLetterDeps, record: SqsRecord): Promise<DeadLettered> {
  await deps.quarantine.keep({
    code: "LEGACY_DEAD_LETTER",
    field: "",
    reason: "the legacy service did not do delegated work",
    queueArn: record.eventSourceARN,
    messageId: record.messageId,
    body: record.body,
    attributes: attributesOf(record.messageAttributes),
  });
  const claim = await claimOf(deps, record);
  if (claim === undefined) return { key: undefined, gaveUp: false };
  const key = keyOf(claim);
  const told = deps.migration.route(claim.route).legacyOutcome(await deps.tracking.read(key));
  const ended = await endDelegated(deps.delegation, claim, told ?? GAVE_UP);
  return { key, gaveUp: told === undefined && ended === "ended" };
}
