import { randomUUID } from "node:crypto";
import {
  type Claim,
  CohortKey,
  ExecutionName,
  OrderId,
  type Outcome,
  type Path,
  PinKey,
  RequestId,
  RouteType,
} from "@crossfade/bridge";

export const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);

export const done: Outcome = { status: "COMPLETED", effects: [], result: { ok: true } };
export const refused: Outcome = {
  status: "FAILED",
  Error: { Code: "DOMAIN_TAKEN", Message: "taken", Retryable: false },
  effects: [],
};

/** A claim of a fresh request on a domain of its own, unless said otherwise. */
export function aClaim(path: Path, given: Partial<Claim> = {}): Claim {
  const orderId = OrderId.parse(randomUUID());
  return {
    route: RouteType.parse("REGISTER_DOMAIN"),
    requestId: RequestId.parse(randomUUID()),
    origin: "message",
    path,
    stage: "split",
    rolloutVersion: 1,
    bucket: 7,
    cohortKey: CohortKey.parse("cust-1"),
    pinKey: PinKey.parse(`${randomUUID()}.fi`),
    bodyHash: "a".repeat(64),
    decidedAt: NOW,
    generation: 0,
    ...(path === "order" && { orderId, executionName: ExecutionName.parse(`order-${orderId}`) }),
    ...given,
  };
}
