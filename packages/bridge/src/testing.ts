import { expect } from "vitest";
import { EMPTY_ORDER_RECORD, type OrderRecord } from "./charge.ts";
import type { Claim } from "./claim.ts";
import type { ClaimCheck, Found, Payload } from "./claim-check.ts";
import type { SqsRecord } from "./envelope.ts";
import { BridgeError, type Disposition, type ErrorCode } from "./errors.ts";
import { orderIdFor } from "./execution-name.ts";
import {
  CohortKey,
  CorrelationId,
  ExecutionName,
  OrderId,
  RequestId,
  type RequestKey,
  RouteType,
  requestKeyText,
} from "./ids.ts";
import { buildOrder, type ChargeDecision, type OrderInput } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import type {
  ChargeLedger,
  ClaimLedger,
  ClaimResult,
  Clock,
  DecideAt,
  DecideResult,
  PayloadStore,
  PaymentRecord,
  Payments,
  ShadowEnd,
} from "./ports.ts";
import type { Path } from "./rollout.ts";

// For unit tests only; nothing else imports this.

export const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
export const REGISTER = RouteType.parse("REGISTER_DOMAIN");
export const clock: Clock = { now: () => NOW };
/** Milliseconds. */
export const captureWithinMs = 900_000;

export const aKey = (id: string) => ({ route: REGISTER, requestId: RequestId.parse(id) });

/** Matches a BridgeError by its code, what is to be done with it, and the field it names. */
export const bridgeError = (code: ErrorCode, disposition: Disposition, field?: string): unknown =>
  expect.objectContaining({
    name: "BridgeError",
    code,
    disposition,
    ...(field !== undefined && { details: expect.objectContaining({ field }) }),
  });

export const aRecord = (body: string, given: Partial<SqsRecord> = {}): SqsRecord => ({
  messageId: "m-1",
  receiptHandle: "r-1",
  body,
  attributes: { SentTimestamp: NOW, ApproximateReceiveCount: 1 },
  messageAttributes: {},
  eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:domains",
  ...given,
});

export function aClaim(path: Path, given: Partial<Claim> = {}): Claim {
  const key = aKey("request-1");
  const orderId = OrderId.parse(orderIdFor("webcat", key));
  return {
    ...key,
    origin: "message",
    path,
    stage: "split",
    rolloutVersion: 1,
    bucket: 7,
    cohortKey: CohortKey.parse("cust-1"),
    bodyHash: "hash",
    decidedAt: NOW,
    generation: 0,
    ...(path === "order" && { orderId, executionName: ExecutionName.parse(`order-${orderId}`) }),
    ...given,
  };
}

/** An order with one item for each price; request ids are `r0`, `r1`, ... Nothing authorised: no payment. */
export function anOrder(
  prices: readonly number[],
  authorised = prices.reduce((sum, price) => sum + price, 0),
): OrderInput {
  return buildOrder(
    {
      customerId: "cust-1",
      ...(authorised > 0 && { payment: { authorisationId: "auth-1", amount: authorised } }),
      items: prices.map((price, n) => ({
        itemId: `item-${n}`,
        route: REGISTER,
        requestId: `r${n}`,
        action: "RegisterDomain",
        price,
        input: { domain: `example${n}.fi` },
      })),
    },
    {
      orderId: OrderId.parse("0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11"),
      nameId: "request-1",
      correlationId: CorrelationId.parse("corr-1"),
      pinned: true,
    },
  ).order;
}

export const COMPLETED: Outcome = { status: "COMPLETED", effects: [], result: { ok: true } };
export const TAKEN: Outcome = {
  status: "FAILED",
  Error: { Code: "DOMAIN_TAKEN", Message: "taken", Retryable: false },
  effects: [],
};

/** What the ledger's record of one order promises, in memory: see ChargeLedger and EffectLedger. */
export class MemoryCharges implements ChargeLedger {
  record: OrderRecord;
  decisions = 0;

  constructor(record: Partial<OrderRecord> = {}) {
    this.record = { ...EMPTY_ORDER_RECORD, ...record };
  }

  /** False once the charge is decided: no command may be sent any more. */
  begin(name: string): boolean {
    if (this.record.decision !== undefined) return false;
    this.#change({ openEffects: [...this.record.openEffects, name] });
    return true;
  }

  end(name: string, completed: boolean): void {
    const { openEffects, done } = this.record;
    this.#change({
      openEffects: openEffects.filter((open) => open !== name),
      done: completed ? [...done, name] : done,
    });
  }

  async read(): Promise<OrderRecord> {
    return this.record;
  }

  async decide(_orderId: OrderId, decision: ChargeDecision, { at, ...seen }: DecideAt): Promise<DecideResult> {
    const { decision: before, openEffects } = this.record;
    if (before !== undefined || openEffects.length > 0 || !this.#isUnchanged(seen)) return { kind: "not-now" };
    this.record = { ...this.record, decision, decidedAt: at, generation: seen.generation };
    this.decisions++;
    return { kind: "decided", decision };
  }

  async raise(_orderId: OrderId, seen: Omit<DecideAt, "at">): Promise<boolean> {
    if (this.record.decision === undefined || !this.#isUnchanged(seen)) return false;
    this.record = { ...this.record, generation: seen.generation };
    return true;
  }

  #isUnchanged({ version, generation }: Omit<DecideAt, "at">): boolean {
    return this.record.version === version && this.record.generation <= generation;
  }

  async markCarriedOut(_orderId: OrderId, _at: number, mismatch?: string): Promise<void> {
    this.record = { ...this.record, carriedOut: true, mismatch };
  }

  #change(change: Partial<OrderRecord>): void {
    this.record = { ...this.record, ...change, version: this.record.version + 1 };
  }
}

/** The one authorisation that the provider in memory knows. */
const KNOWN = "auth-1";

/** A provider that captures or cancels one authorisation, once; later calls are told what it already is. */
export class MemoryPayments implements Payments {
  record: PaymentRecord;
  readonly calls: string[] = [];

  constructor(amount: number, state: PaymentRecord["state"] = "authorised", captured = 0) {
    this.record = { state, amount, captured };
  }

  async capture(authorisationId: string, sum: number, key: string): Promise<PaymentRecord> {
    this.#mustKnow(authorisationId);
    this.calls.push(`capture ${authorisationId} ${sum} ${key}`);
    const { state, amount } = this.record;
    if (state === "authorised" && sum <= amount)
      this.record = { ...this.record, state: "captured", captured: sum, endedBy: key };
    return this.record;
  }

  async cancel(authorisationId: string, key: string): Promise<PaymentRecord> {
    this.#mustKnow(authorisationId);
    this.calls.push(`cancel ${authorisationId} ${key}`);
    if (this.record.state === "authorised") this.record = { ...this.record, state: "cancelled", endedBy: key };
    return this.record;
  }

  async read(authorisationId = KNOWN): Promise<PaymentRecord | undefined> {
    return authorisationId === KNOWN ? this.record : undefined;
  }

  #mustKnow(authorisationId: string): void {
    if (authorisationId !== KNOWN) throw new BridgeError("CHARGE_UNKNOWN", "fatal", "no such authorisation");
  }
}

/** A bucket in memory; tests put in, change and take away what they like. */
export class MemoryPayloads implements PayloadStore {
  /** By hash. */
  readonly kept = new Map<string, string>();

  async put({ check, text }: Payload): Promise<void> {
    this.kept.set(check.sha256, text);
  }

  async get({ sha256, bytes }: ClaimCheck): Promise<Found> {
    const text = this.kept.get(sha256);
    if (text === undefined) return { kind: "missing" };
    const content = Buffer.from(text);
    return content.byteLength === bytes ? { kind: "found", content } : { kind: "other-size" };
  }
}

const unexpected = async (): Promise<never> => {
  throw new Error("the test did not expect this call");
};

/** Answers claims from a script ("claimed": as proposed), and knows some claims; remembers what it was asked. */
export class ScriptedClaims implements ClaimLedger {
  readonly asked: { readonly path: Path; readonly takeOver: readonly string[] | undefined }[] = [];
  readonly claimAll = unexpected;
  readonly readKeys: string[] = [];
  readonly marked: string[] = [];
  readonly takeOverLease = unexpected;
  readonly takeFromTap = unexpected;
  readonly mirror = unexpected;
  readonly endLegacy = unexpected;
  readonly releasePin = unexpected;
  readonly inFlight = unexpected;
  readonly openShadows = unexpected;
  readonly shadowEnds: (readonly [ExecutionName, ShadowEnd])[] = [];
  readonly #script: (ClaimResult | "claimed")[];
  readonly #known: ReadonlyMap<string, Claim>;

  constructor(script: readonly (ClaimResult | "claimed")[], known: readonly Claim[] = []) {
    this.#script = [...script];
    this.#known = new Map(known.map((claim) => [requestKeyText(claim), claim]));
  }

  async claim(claim: Claim, takeOver?: readonly string[]): Promise<ClaimResult> {
    this.asked.push({ path: claim.path, takeOver });
    const answer = this.#script.shift();
    if (answer === undefined) throw new Error("the script has no more answers");
    return answer === "claimed" ? { kind: "claimed", claim } : answer;
  }

  async read(key: RequestKey): Promise<Claim | undefined> {
    return this.#known.get(requestKeyText(key));
  }

  async readMany(keyTexts: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    this.readKeys.push(...keyTexts);
    return new Map([...this.#known].filter(([keyText]) => keyTexts.includes(keyText)));
  }

  async markStarted(): Promise<void> {
    this.marked.push("started");
  }

  async markForwarded(): Promise<void> {
    this.marked.push("forwarded");
  }

  async endShadow(_: RequestKey, shadow: ExecutionName, end: ShadowEnd): Promise<boolean> {
    this.shadowEnds.push([shadow, end]);
    return true;
  }

  readonly endTwin = unexpected;
}
