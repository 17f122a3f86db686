import * as z from "zod";

/** Identifiers are branded: a RequestId cannot be passed where a CorrelationId is wanted. */
const text = (max: number) => z.string().min(1).max(max);

/** One unit of legacy work; the key of its row in the request-tracking table. 1 to 200 characters. */
export const RequestId = text(200).brand<"RequestId">();
export type RequestId = z.infer<typeof RequestId>;

/** One execution of the Order state machine. */
export const OrderId = z.uuid().brand<"OrderId">();
export type OrderId = z.infer<typeof OrderId>;

/** Joins a journey through logs and payloads; never deduplicates, never names an execution (R1). */
export const CorrelationId = text(200).brand<"CorrelationId">();
export type CorrelationId = z.infer<typeof CorrelationId>;

/** What is hashed to decide the path. */
export const CohortKey = text(512).brand<"CohortKey">();
export type CohortKey = z.infer<typeof CohortKey>;

/** What must not change path while it has work in flight (X2). */
export const PinKey = text(512).brand<"PinKey">();
export type PinKey = z.infer<typeof PinKey>;

/** The type of a message, and the name of its route. */
export const RouteType = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
  .brand<"RouteType">();
export type RouteType = z.infer<typeof RouteType>;

/** A name of a Step Functions execution: 1 to 80 characters, of those that CloudWatch Logs accepts too. */
export const ExecutionName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}$/)
  .brand<"ExecutionName">();
export type ExecutionName = z.infer<typeof ExecutionName>;

/** Which request: its route and its id. Two routes may use the same id. */
export interface RequestKey {
  readonly route: RouteType;
  readonly requestId: RequestId;
}

/** The request key as one string, `ROUTE#id`; a route has no `#`, so it can be taken apart again. */
export const requestKeyText = (key: RequestKey): string => `${key.route}#${key.requestId}`;

/**
 * The inverse of requestKeyText.
 * @throws ZodError when the text is no request key.
 */
export function parseRequestKey(value: string): RequestKey {
  const [route = "", ...rest] = value.split("#");
  return { route: RouteType.parse(route), requestId: RequestId.parse(rest.join("#")) };
}
