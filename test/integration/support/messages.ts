import { randomUUID } from "node:crypto";
import { RequestId, type RequestKey, RouteType, type SqsRecord } from "@crossfade/bridge";

/** Customers whose path the world's rollouts fix by their lists. */
export const ON_ORDER = "cust-order";
export const ON_LEGACY = "cust-legacy";

/** A legacy message: valid, unless a test spoils it. */
export type Message = Readonly<Record<string, unknown>> & { readonly type: string; readonly requestId: string };

const common = () => ({
  requestId: randomUUID(),
  customerId: ON_LEGACY,
  domain: `${randomUUID()}.fi`,
  requestedAt: "2026-03-02T09:30:00.000Z",
});

/** Paid, pinned, and in real life wrapped by SNS. */
export const registration = (given: Readonly<Record<string, unknown>> = {}): Message => ({
  type: "REGISTER_DOMAIN",
  ...common(),
  years: 1,
  registrant: { name: "Åke Mäki-Öljymäki €", email: "ake@example.fi", country: "FI" },
  nameServers: ["ns1.example.fi", "ns2.example.fi"],
  payment: { authorisationId: `auth-${randomUUID()}`, amount: 1_290 },
  ...given,
});

/** Paid and pinned, too. */
export const renewal = (given: Readonly<Record<string, unknown>> = {}): Message => ({
  type: "RENEW_DOMAIN",
  ...common(),
  years: 1,
  currentExpiry: "2026-12-24",
  payment: { authorisationId: `auth-${randomUUID()}`, amount: 1_290 },
  ...given,
});

/** Free and without a pin. */
export const refresh = (given: Readonly<Record<string, unknown>> = {}): Message => ({
  type: "REFRESH_DOMAIN",
  ...common(),
  ...given,
});

/** Its legacy consumer reads a standard queue. */
export const dnsUpdate = (given: Readonly<Record<string, unknown>> = {}): Message => ({
  type: "UPDATE_DNS",
  ...common(),
  records: [{ name: "@", type: "A", value: "192.0.2.1", ttl: 3_600 }],
  ...given,
});

/** A DNS update whose input is over 20 KiB, as large as they come: 50 records of long names and texts. */
export const largeDnsUpdate = (given: Readonly<Record<string, unknown>> = {}): Message => {
  const name = (n: number) => `${String(n).padStart(60, "n")}.${"m".repeat(60)}`;
  const value = "ä".repeat(255);
  return dnsUpdate({
    records: Array.from({ length: 50 }, (_, n) => ({ name: name(n), type: "TXT", value, ttl: 3_600 })),
    ...given,
  });
};

export const keyOfMessage = ({ type, requestId }: Message): RequestKey => ({
  route: RouteType.parse(type),
  requestId: RequestId.parse(requestId),
});

/** A body as SNS wraps it. */
export const wrapped = (TopicArn: string, message: unknown): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: randomUUID(),
    TopicArn,
    Message: typeof message === "string" ? message : JSON.stringify(message),
    Timestamp: "2026-03-02T09:30:01.000Z",
    SignatureVersion: "1",
    Signature: "EXAMPLE",
    SigningCertURL: "https://sns.eu-west-1.amazonaws.com/cert.pem",
    UnsubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${TopicArn}:1`,
  });

/** One delivery of a body, as Lambda gets it. */
export const delivery = (
  eventSourceARN: string,
  body: unknown,
  given: { sentAt?: number; messageAttributes?: SqsRecord["messageAttributes"] } = {},
): SqsRecord => ({
  messageId: randomUUID(),
  receiptHandle: randomUUID(),
  body: typeof body === "string" ? body : JSON.stringify(body),
  attributes: { SentTimestamp: given.sentAt ?? Date.now(), ApproximateReceiveCount: 1 },
  messageAttributes: given.messageAttributes ?? {},
  eventSourceARN,
});
