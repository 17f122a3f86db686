import type { Pause } from "../attach/ports.ts";
import type { QueueNames } from "../deployment/sources.ts";
import { sha256 } from "../hash.ts";
import type { DeadLetterPlace, DeadMessage, MoveLedger, MoveRecord } from "../ports.ts";
import { bytesOf, type DeadLetterLookDeps, placeNamed } from "./dead-letters.ts";
import type { RedriveProgress } from "./views.ts";

export interface MoveDeps extends DeadLetterLookDeps {
  readonly moves: MoveLedger;
  readonly pause: Pause;
}

export interface MoveRequest {
  readonly queue: string;
  /** All that lie there when it begins, unless given. */
  readonly messageIds?: readonly string[] | undefined;
  /** `redrive`: back to where they came from, byte for byte. `discard`: away, for ever. */
  readonly action: "redrive" | "discard";
  readonly by: string;
  readonly reason: string;
  /** Messages a second, greater than 0. */
  readonly perSecond?: number | undefined;
  /** These are sent although they may have been sent before: a person has decided so. */
  readonly again?: readonly string[] | undefined;
  /** Milliseconds after which it begins with no further message: `done` is false then, and the same request goes on. */
  readonly withinMs?: number | undefined;
}

export const MOVES_PER_SECOND = 10;

type Ended =
  | { readonly kind: "moved" | "discarded" | "uncertain" }
  | { readonly kind: "failed"; readonly reason: string }
  /** Nobody knows whether the queue has it; the next might end the same way. */
  | { readonly kind: "unknown" };

/** Where a message goes back to, or why it does not. */
function destinationOf({ places }: MoveDeps, place: DeadLetterPlace, message: DeadMessage): QueueNames | string {
  if (message.unreadable !== undefined) return message.unreadable;
  if (place.returnsTo !== undefined) return place.returnsTo;
  if (message.refusal?.code === "LEGACY_DEAD_LETTER")
    return "its request was told that it failed: redrive its order (crossfade redrive), and discard this";
  if (message.source === undefined) return "it does not say where it came from";
  const queue = places.returns.get(message.source);
  if (queue === undefined) return `it came from ${message.source}, which is no queue of this deployment`;
  if (queue.queueArn.endsWith(".fifo") && message.original.groupId === undefined)
    return "it came from a FIFO queue, and its group is not known";
  return queue;
}

/** What was decided about a message before counts, however often SQS gives it out. */
function settled(standing: MoveRecord | undefined): "moved" | "discarded" | undefined {
  if (standing?.state === "sent") return "moved";
  return standing?.state === "discarded" ? "discarded" : undefined;
}

const recordOf = (
  { clock }: MoveDeps,
  { queue, by, reason }: MoveRequest,
  { messageId, original, refusal, source }: DeadMessage,
  standing: MoveRecord | undefined,
): Omit<MoveRecord, "state"> => ({
  ...{ queue, messageId, by, reason },
  at: clock.now(),
  attempt: standing?.state === "intended" ? standing.attempt + 1 : 1,
  bodyHash: sha256(original.body).toString("hex"),
  bytes: bytesOf(original),
  ...(refusal && { code: refusal.code }),
  ...(source !== undefined && { source }),
});

const OTHER_OPERATOR: Ended = { kind: "failed", reason: "another operator is at it: look again" };

/** Intent, send, mark, delete: whatever comes after a crash reads how far it came. */
async function redriveOne(
  deps: MoveDeps,
  place: DeadLetterPlace,
  request: MoveRequest,
  message: DeadMessage,
  standing: MoveRecord | undefined,
): Promise<Ended> {
  const { messageId, original } = message;
  if (standing?.state === "intended" && !request.again?.includes(messageId)) return { kind: "uncertain" };
  const to = destinationOf(deps, place, message);
  if (typeof to === "string") return { kind: "failed", reason: to };
  const record = { ...recordOf(deps, request, message, standing), to: to.queueArn };
  const intent: MoveRecord = { ...record, state: "intended" };
  if (!(await deps.moves.write(intent, standing))) return OTHER_OPERATOR;
  let answer: Awaited<ReturnType<typeof deps.letters.send>>;
  try {
    answer = await deps.letters.send(to, original, messageId);
  } catch {
    return { kind: "unknown" };
  }
  if (answer.kind === "refused") {
    await deps.moves.write({ ...record, state: "refused" }, intent);
    return { kind: "failed", reason: answer.reason };
  }
  await deps.moves.write({ ...record, state: "sent", endedAt: deps.clock.now() }, intent);
  await deps.letters.remove(place, message.receipt);
  return { kind: "moved" };
}

async function discardOne(
  deps: MoveDeps,
  place: DeadLetterPlace,
  request: MoveRequest,
  message: DeadMessage,
  standing: MoveRecord | undefined,
): Promise<Ended> {
  const record = recordOf(deps, request, message, standing);
  if (!(await deps.moves.write({ ...record, state: "discarded", endedAt: record.at }, standing))) return OTHER_OPERATOR;
  await deps.letters.remove(place, message.receipt);
  return { kind: "discarded" };
}

async function moveOne(
  deps: MoveDeps,
  place: DeadLetterPlace,
  request: MoveRequest,
  message: DeadMessage,
): Promise<Ended> {
  const standing = await deps.moves.read(request.queue, message.messageId);
  const before = settled(standing);
  if (before !== undefined) {
    await deps.letters.remove(place, message.receipt);
    return { kind: before };
  }
  const act = request.action === "redrive" ? redriveOne : discardOne;
  return act(deps, place, request, message, standing);
}

/** What has become of the messages of one run. */
class Tally {
  readonly ends = new Map<string, Ended>();
  readonly #queue: string;
  readonly #expected: number;

  constructor(queue: string, expected: number) {
    this.#queue = queue;
    this.#expected = expected;
  }

  progress(done: boolean): RedriveProgress {
    const of = (...kinds: readonly Ended["kind"][]) => [...this.ends].filter(([, { kind }]) => kinds.includes(kind));
    const [moved, discarded] = [of("moved").length, of("discarded").length];
    return {
      ...{ queue: this.#queue, moved, discarded },
      uncertain: of("uncertain", "unknown").map(([messageId]) => messageId),
      failed: [...this.ends].flatMap(([messageId, end]) =>
        end.kind === "failed" ? [{ messageId, reason: end.reason }] : [],
      ),
      left: Math.max(0, this.#expected - moved - discarded),
      done,
    };
  }
}

/** Selected messages that the queue did not give out: an earlier run may have dealt with them. */
async function missing({ moves }: MoveDeps, queue: string, messageId: string): Promise<Ended> {
  const before = settled(await moves.read(queue, messageId));
  if (before !== undefined) return { kind: before };
  return {
    kind: "failed",
    reason: "the queue did not give it out: it is gone, or somebody has it in hand; look again",
  };
}

/** Rounds that bring nothing new, after which there is nothing more. */
const STALE_ROUNDS = 3;
/** Seconds for which a message in hand is hidden, besides the time that its neighbours take. */
const HIDDEN_SECONDS = 60;
const BATCH = 10;

/**
 * Returns dead letters to where they came from, or discards them; one after the other, at most so many a second.
 * What a person decided is in the ledger before anything is sent or deleted. After a crash the same request goes on:
 * what was sent is only deleted, and what may have been sent is told as uncertain, and sent by `again` alone. Messages
 * that came after it began, by this machine's clock, are left.
 * @param onProgress after each message.
 * @returns how far it came; `done`: everything that was asked for has been tried.
 * @throws BridgeError UNKNOWN_SOURCE (reject) for a queue that is not there; and whatever the ledger or the queue throws,
 * before a send or after it was marked.
 */
export async function moveDeadLetters(
  deps: MoveDeps,
  request: MoveRequest,
  onProgress: (progress: RedriveProgress) => void = () => undefined,
): Promise<RedriveProgress> {
  const { clock, letters } = deps;
  const place = placeNamed(deps, request.queue);
  const { perSecond = MOVES_PER_SECOND, withinMs = Number.POSITIVE_INFINITY } = request;
  const wanted = request.messageIds && new Set(request.messageIds);
  const counts = await letters.count(place);
  const tally = new Tally(request.queue, wanted?.size ?? counts.visible + counts.inFlight);
  const startedAt = clock.now();
  const hiddenSeconds = HIDDEN_SECONDS + Math.ceil(BATCH / perSecond);
  const isMeant = ({ messageId, sentAt }: DeadMessage) => wanted?.has(messageId) ?? sentAt <= startedAt;
  const held = new Set<string>();
  let [begun, stale] = [0, 0];

  /** False once no further message is to be begun with. */
  async function take(message: DeadMessage): Promise<boolean> {
    const early = startedAt + (begun * 1_000) / perSecond - clock.now();
    if (early > 0) await deps.pause.for(early);
    if (clock.now() - startedAt >= withinMs) return false;
    begun++;
    const end = await moveOne(deps, place, request, message);
    tally.ends.set(message.messageId, end);
    if (end.kind === "moved" || end.kind === "discarded") held.delete(message.receipt);
    onProgress(tally.progress(false));
    return end.kind !== "unknown";
  }

  try {
    const skipped = new Set<string>();
    while (stale < STALE_ROUNDS) {
      if (wanted !== undefined && [...wanted].every((id) => tally.ends.has(id))) break;
      const batch = await letters.receive(place, hiddenSeconds);
      if (batch.length === 0) break;
      for (const { receipt } of batch) held.add(receipt);
      const news = batch.filter(({ messageId }) => !tally.ends.has(messageId) && !skipped.has(messageId));
      stale = news.length === 0 ? stale + 1 : 0;
      for (const message of batch) {
        const end = tally.ends.get(message.messageId);
        // SQS may give out a message again: what was dealt with is deleted, and the rest waits its turn.
        if (end?.kind === "moved" || end?.kind === "discarded") await letters.remove(place, message.receipt);
        else if (end !== undefined || !isMeant(message)) skipped.add(message.messageId);
        else if (!(await take(message))) return tally.progress(false);
      }
    }
    for (const id of wanted ?? []) {
      if (!tally.ends.has(id)) tally.ends.set(id, await missing(deps, request.queue, id));
    }
    return tally.progress(true);
  } finally {
    // What is not given back here comes back by itself.
    await letters.release(place, [...held]).catch(() => undefined);
  }
}
