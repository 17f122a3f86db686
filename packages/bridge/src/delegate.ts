import type { TaskToken } from "./approval.ts";
import { type Claim, keyOf } from "./claim.ts";
import type { Content } from "./claim-check.ts";
import { BridgeError } from "./errors.ts";
import { type OrderId, type RequestKey, requestKeyText } from "./ids.ts";
import type { OrderItem } from "./order.ts";
import type { Outcome, SoftError } from "./outcome.ts";
import { inputOf, keepOutcome, tryInput } from "./payloads.ts";
import { beginEffect } from "./perform-effect.ts";
import type {
  ClaimLedger,
  Clock,
  DelegationTokens,
  EffectLedger,
  EffectRecord,
  ForwardMessage,
  KeptToken,
  LegacyForwarder,
  OwnedEffect,
  PayloadStore,
  SendTarget,
  TokenVault,
  WaitingTasks,
} from "./ports.ts";
import type { Migration } from "./route.ts";

/** What is needed to tell a waiting Action how the legacy service ended its work. */
export interface AnswerDeps {
  readonly effects: Pick<EffectLedger, "end" | "read">;
  readonly tokens: DelegationTokens;
  readonly payloads: PayloadStore;
  readonly vault: TokenVault;
  readonly tasks: WaitingTasks;
}

export interface HandOverDeps extends AnswerDeps {
  readonly migration: Migration;
  readonly claims: Pick<ClaimLedger, "readMany">;
  readonly effects: EffectLedger;
  readonly forwarder: LegacyForwarder;
  /** Where the legacy service that does a route's work reads; a queue that drops repeats, and no intercepted one. */
  targetOf(item: OrderItem): SendTarget | undefined;
  readonly clock: Clock;
}

/** One attempt of an Action to have its item's work done by the legacy service. */
export interface HandOver {
  readonly orderId: OrderId;
  readonly correlationId: string;
  readonly generation: number;
  readonly item: OrderItem;
  readonly token: TaskToken;
  /** Grows with every attempt of the Action: an older one never takes a newer one's place. */
  readonly attempt: number;
}

/** Later attempts have greater numbers: a redrive's, then each wait's (up to 99,999), then each retry's (up to 999). */
export const attemptNumber = (of: { readonly generation: number; readonly waits: number; readonly retries: number }) =>
  (of.generation * 100_000 + of.waits) * 1_000 + of.retries;

/** The legacy service is the owner of every delegated effect: whichever delivery of ours sent the message. */
const OWNER = "legacy";

const effectOf = (key: RequestKey, orderId: OrderId): OwnedEffect => ({
  key: { route: key.route, requestId: key.requestId },
  n: 0,
  role: "whole",
  orderId,
  owner: OWNER,
});

const recordOf = async (deps: AnswerDeps, key: RequestKey) => (await deps.effects.read(key)).find(({ n }) => n === 0);

/** Tells the Action that waits, if one does. A token whose task is over is of no use: the next attempt reads the end. */
async function answer(deps: AnswerDeps, key: RequestKey, outcome: Outcome): Promise<void> {
  const kept = await deps.tokens.read(key);
  if (kept === undefined) return;
  await deps.tasks.succeed(deps.vault.open(kept.sealed, requestKeyText(key)), { result: {}, ...outcome });
  await deps.tokens.remove(key, kept.attempt);
}

type Asked = Pick<HandOver, "orderId" | "correlationId" | "item">;
export type AskDeps = Omit<HandOverDeps, "claims">;

/** The legacy message and its place. Byte for byte the same at every attempt: `at` is the time at which the effect began. */
function messageOf(deps: AskDeps, { item, correlationId }: Asked, input: Content, at: number): ForwardMessage {
  const target = deps.targetOf(item);
  const { toMessage } = deps.migration.route(item.route);
  if (target === undefined || toMessage === undefined) {
    throw new BridgeError("UNKNOWN_SOURCE", "fatal", `the work of ${item.route} has nobody to be delegated to`);
  }
  const attributes = { correlationId: { dataType: "String", stringValue: correlationId } };
  const key = { route: item.route, requestId: item.requestId };
  try {
    return { key, target, body: toMessage({ ...item, input }, at), attributes };
  } catch (cause) {
    throw new BridgeError("INVALID_ORDER", "reject", `the work of ${item.route} makes no legacy message`, { cause });
  }
}

/** Work whose input cannot be had fails as data, unless the legacy service may have been asked before. */
async function refuse(deps: HandOverDeps, { item, token }: HandOver, error: SoftError): Promise<void> {
  if ((await recordOf(deps, item)) !== undefined) {
    throw new BridgeError("EFFECT_OPEN", "retry", "the legacy service may have been asked, and its input is lost");
  }
  await deps.tasks.succeed(token, { result: {}, status: "FAILED", Error: error, effects: [] });
}

/** Nothing is to be sent any more. An outcome says so too, where the mark was lost. */
const isAsked = (record: EffectRecord | undefined): boolean =>
  record?.sentAt !== undefined || record?.outcome !== undefined;

/** Intent and token in one write, one message, then the mark. What makes no message must not begin: it would stay open. */
async function ask(deps: HandOverDeps, work: HandOver, token: KeptToken): Promise<void> {
  const { item, generation, orderId } = work;
  const input = await tryInput(deps.payloads, item);
  if (input.kind === "not-had") return refuse(deps, work, input.error);
  messageOf(deps, work, input.content, deps.clock.now());
  const { pinKey, pinned } = item;
  const command = { lane: "delegate", service: OWNER, command: "message" } as const;
  const effect = effectOf(item, orderId);
  const begun = await beginEffect(deps, { ...effect, ...command, generation, pinKey, pinned, token });
  if (begun.kind === "exists") await deps.tokens.keep(item, token);
  const record = begun.kind === "exists" ? begun.effect : await recordOf(deps, item);
  if (isAsked(record)) return;
  await deps.forwarder.send(messageOf(deps, work, input.content, record?.begunAt ?? deps.clock.now()));
  await deps.effects.markSent(effect, deps.clock.now());
}

/**
 * Has an item's work done by the legacy service (N4): intent and token in one write, one message, then a look whether the
 * end is there already. Every step may be repeated; the message is sent once (design, section 4; models C). Once it is
 * sent, an attempt needs neither the item's input nor the queue.
 * @throws BridgeError PIN_BUSY (retry); REDRIVEN_BY_HAND, EFFECT_REFUSED (reject) when the claim has ended, the generation
 * is another, or the charge is decided; INVALID_ORDER (reject) when the item makes no legacy message, UNKNOWN_SOURCE (fatal) when nobody
 * takes it: nothing has begun then.
 */
export async function handOver(deps: HandOverDeps, work: HandOver): Promise<void> {
  const { item, attempt } = work;
  const token = { attempt, sealed: deps.vault.seal(work.token, requestKeyText(item)) };
  if (isAsked(await recordOf(deps, item))) await deps.tokens.keep(item, token);
  else await ask(deps, work, token);
  const outcome = (await recordOf(deps, item))?.outcome;
  if (outcome !== undefined) await answer(deps, item, outcome);
}

/**
 * Asks the legacy service where nobody may have done so: an order was stopped while the attempt that had begun died, and
 * no other follows (C8). Without it effect, charge and pin would stay open for ever. Only for effects begun before
 * `begunBefore` (epoch milliseconds), longer ago than any attempt lives, and while the row says that nobody has the work.
 */
export async function askUnasked(deps: AskDeps, work: Asked, row: unknown, begunBefore: number): Promise<void> {
  const record = await recordOf(deps, work.item);
  const open = record !== undefined && record.outcome === undefined && record.sentAt === undefined;
  const phase = deps.migration.tracking.read(row)?.phase ?? "received";
  if (!open || record.begunAt >= begunBefore || phase !== "received") return;
  await deps.forwarder.send(messageOf(deps, work, await inputOf(deps.payloads, work.item), record.begunAt));
  await deps.effects.markSent(effectOf(work.item, work.orderId), deps.clock.now());
}

/** `contradicted`: the row says otherwise than what was told before, and the order has gone on with that. */
export type Delegated = "not-delegated" | "ended" | "contradicted";

/**
 * The end of delegated work, as the row or the dead-letter queue tells it. The outcome is written before the token is
 * read, so that an attempt which keeps its token in between finds the outcome. Safe to repeat.
 */
export async function endDelegated(deps: AnswerDeps, claim: Claim, outcome: Outcome): Promise<Delegated> {
  if (claim.orderId === undefined) return "not-delegated";
  const key = keyOf(claim);
  await deps.effects.end(effectOf(key, claim.orderId), await keepOutcome(deps.payloads, outcome));
  const told = (await recordOf(deps, key))?.outcome;
  if (told === undefined) return "not-delegated";
  await answer(deps, key, told);
  return told.status === outcome.status ? "ended" : "contradicted";
}
