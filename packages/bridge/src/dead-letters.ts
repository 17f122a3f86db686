import { endDelegated } from "./delegate.ts";
import { openEnvelope, type SqsRecord } from "./envelope.ts";
import { BridgeError } from "./errors.ts";
import type { RequestKey } from "./ids.ts";
import { attributesOf } from "./ingest.ts";
import type { ObserveDeps } from "./observe.ts";
import type { Outcome } from "./outcome.ts";
import type { Quarantine } from "./ports.ts";

export type DeadLetterDeps = ObserveDeps & { readonly quarantine: Quarantine };

export interface DeadLettered {
  readonly key: RequestKey;
  /** False: nobody waited for it any more, or its row tells an end. */
  readonly gaveUp: boolean;
}

/** The legacy service gave the message back as often as its queue allows, and said nothing in the row. */
const GAVE_UP: Outcome = {
  status: "FAILED",
  Error: { Code: "LEGACY_DEAD_LETTER", Message: "the legacy service did not do the work", Retryable: true },
  effects: [],
};

/**
 * A delegated message that the legacy service could not do: the Action that waits is told, and the message is kept in
 * quarantine. Where the row tells an end, that counts. The message is kept first, so that a crash loses nothing.
 * @throws BridgeError of disposition reject for a message that is none of ours; it too must be kept.
 */
export async function deadLettered(deps: DeadLetterDeps, record: SqsRecord): Promise<DeadLettered> {
  const { body } = openEnvelope(record, []);
  const route = deps.migration.routeOf(body);
  const { key } = route.parse(body);
  await deps.quarantine.keep({
    code: "LEGACY_DEAD_LETTER",
    field: "",
    reason: "the legacy service did not do delegated work",
    queueArn: record.eventSourceARN,
    messageId: record.messageId,
    body: record.body,
    attributes: attributesOf(record.messageAttributes),
  });
  const claim = await deps.claims.read(key);
  if (claim === undefined || claim.integration !== "delegate") {
    throw new BridgeError("UNKNOWN_SOURCE", "reject", "a request that was not delegated");
  }
  const told = route.legacyOutcome(await deps.tracking.read(key));
  const ended = await endDelegated(deps.delegation, claim, told ?? GAVE_UP);
  return { key, gaveUp: told === undefined && ended === "ended" };
}
