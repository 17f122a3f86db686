import {
  type ClaimCheck,
  type Content,
  contentOf,
  INLINE_OUTCOME_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_ROW_RESULT_BYTES,
  type Payload,
  payloadOf,
} from "./claim-check.ts";
import { BridgeError } from "./errors.ts";
import type { OrderItem } from "./order.ts";
import type { ItemOutcome, Outcome, SoftError } from "./outcome.ts";
import type { ExternalCommand } from "./perform-effect.ts";
import type { PayloadStore } from "./ports.ts";

type Reader = Pick<PayloadStore, "get">;
type Writer = Pick<PayloadStore, "put">;

/** Keeps what an order's checks stand for; to be done before the order starts. Safe to repeat. */
export async function keepAll(store: Writer, payloads: readonly Payload[]): Promise<void> {
  await Promise.all(payloads.map((payload) => store.put(payload)));
}

const tooLarge = (check: ClaimCheck, most: number, what: string): BridgeError =>
  new BridgeError("PAYLOAD_TOO_LARGE", "reject", `over ${most} bytes: ${what}`, { details: check });

async function read(store: Reader, check: ClaimCheck): Promise<Content> {
  if (check.bytes > MAX_PAYLOAD_BYTES) throw tooLarge(check, MAX_PAYLOAD_BYTES, "neither kept nor read");
  return contentOf(check, await store.get(check));
}

/**
 * An item's whole input, wherever it is.
 * @throws BridgeError CLAIM_CHECK_MISSING, CLAIM_CHECK_FORGED, PAYLOAD_TOO_LARGE (reject).
 */
export async function inputOf(store: Reader, item: Pick<OrderItem, "input" | "inputCheck">): Promise<Content> {
  if (item.input !== undefined) return item.input;
  if (item.inputCheck === undefined) throw new TypeError("an item has an input, or a check that stands for it");
  return read(store, item.inputCheck);
}

const OWN_FAULT: ReadonlySet<string> = new Set(["CLAIM_CHECK_MISSING", "CLAIM_CHECK_FORGED", "PAYLOAD_TOO_LARGE"]);

type Had =
  | { readonly kind: "had"; readonly content: Content }
  | { readonly kind: "not-had"; readonly error: SoftError };

/** An item's whole input, or why it cannot be had. */
export const tryInput = (store: Reader, item: Pick<OrderItem, "input" | "inputCheck">): Promise<Had> =>
  had(inputOf(store, item));

/** A payload that cannot be had is its item's fault alone, and asking again would not help. All else is thrown on. */
async function had(reading: Promise<Content>): Promise<Had> {
  try {
    return { kind: "had", content: await reading };
  } catch (error) {
    if (!(error instanceof BridgeError) || !OWN_FAULT.has(error.code)) throw error;
    return { kind: "not-had", error: { Code: error.code, Message: error.message, Retryable: false } };
  }
}

/** Works on an item's whole input. Where the input cannot be had, no work begins, and the item fails as data (N8). */
export async function withInput(
  store: Reader,
  item: Pick<OrderItem, "input" | "inputCheck">,
  work: (input: Content) => Promise<Outcome>,
): Promise<Outcome> {
  const input = await tryInput(store, item);
  return input.kind === "had" ? work(input.content) : { status: "FAILED", Error: input.error, effects: [] };
}

/**
 * An outcome as it may travel and be recorded: a result that makes it too large is kept, and its check goes on in its
 * place. A result over MAX_PAYLOAD_BYTES is not kept; the work is done all the same, and its row will say so.
 */
export async function keepOutcome(store: Writer, outcome: Outcome): Promise<Outcome> {
  const { result, ...rest } = outcome;
  if (result === undefined || payloadOf(outcome).check.bytes <= INLINE_OUTCOME_BYTES) return outcome;
  const payload = payloadOf(result);
  if (payload.check.bytes <= MAX_PAYLOAD_BYTES) await store.put(payload);
  return { ...rest, resultCheck: payload.check };
}

/** As keepOutcome, for what a service says of a command. */
export async function keepAnswer<Other extends { readonly kind: string }>(
  store: Writer,
  answer: { readonly kind: "ended"; readonly outcome: Outcome } | Other,
): Promise<{ readonly kind: "ended"; readonly outcome: Outcome } | Other> {
  return "outcome" in answer ? { ...answer, outcome: await keepOutcome(store, answer.outcome) } : answer;
}

/** A command whose large results are kept before its end is recorded; where that fails, the service is asked again. */
export const keepingResults = (store: Writer, command: ExternalCommand): ExternalCommand => ({
  send: async (commandId) => keepAnswer(store, await command.send(commandId)),
  find: async (commandId) => keepAnswer(store, await command.find(commandId)),
});

/** A result that no row can hold is not even read. */
const readForRow = async (store: Reader, check: ClaimCheck): Promise<Content> => {
  if (check.bytes > MAX_ROW_RESULT_BYTES)
    throw tooLarge(check, MAX_ROW_RESULT_BYTES, "the row goes without its result");
  return read(store, check);
};

/**
 * An item's end as its row is to tell it: with its result, if it can be had and a row can hold it. Otherwise the check
 * stays, and `Error` says why; the item is done all the same.
 */
export async function withResult(store: Reader, end: ItemOutcome): Promise<ItemOutcome> {
  const { resultCheck, ...rest } = end;
  if (resultCheck === undefined || end.status === "FAILED") return end;
  const result = await had(readForRow(store, resultCheck));
  return result.kind === "had" ? { ...rest, result: result.content } : { ...end, Error: result.error };
}
