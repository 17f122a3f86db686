import type { LegacyMessage } from "../messages/index.ts";
import type { SampleLine, SampleSource } from "./sample-line.ts";

/** One way in which a message can be wrong, and the code with which the bridge refuses it. */
interface Fault {
  readonly expect: string;
  /** Where only one intake can show the fault. */
  readonly source?: SampleSource;
  spoil(message: LegacyMessage): Record<string, unknown> | string;
}

const invalid = (spoil: Fault["spoil"]): Fault => ({ expect: "INVALID_MESSAGE", spoil });

const SRV_RECORD = { name: "@", type: "SRV", value: "0 5 5060 sip.example.fi", ttl: 3600 };

/** Each spoils a message in exactly one way. */
export const FAULTS: readonly [Fault, ...Fault[]] = [
  { expect: "MALFORMED_JSON", spoil: (message) => JSON.stringify(message).slice(0, -7) },
  { expect: "UNKNOWN_TYPE", spoil: (message) => ({ ...message, type: "TRANSFER_DOMAIN" }) },
  invalid(({ customerId: _, ...message }) => message),
  invalid((message) => ({ ...message, coupon: "SUMMER" })),
  {
    ...invalid(({ requestId, customerId, domain, requestedAt }) => ({
      ...{ type: "UPDATE_DNS", requestId, customerId, domain, requestedAt },
      records: [SRV_RECORD],
    })),
    source: "dns",
  },
  invalid((message) => ({ ...message, domain: "-not a domain-.fi" })),
  {
    expect: "UNKNOWN_TOPIC",
    source: "refreshes",
    spoil: (message) => ({
      Type: "Notification",
      MessageId: message.requestId,
      TopicArn: "arn:aws:sns:eu-north-1:000000000000:somebody-elses-topic",
      Message: JSON.stringify(message),
      Timestamp: message.requestedAt,
    }),
  },
  { expect: "BODY_NOT_TEXT", spoil: (message) => `\ufffd\ufffd${JSON.stringify(message)}` },
  { expect: "NOT_AN_OBJECT", spoil: (message) => JSON.stringify([message]) },
  invalid((message) => ({ ...message, requestedAt: "yesterday" })),
];

/** The message with the fault in it. */
export function spoiled(fault: Fault, message: LegacyMessage, source: SampleSource): SampleLine {
  const common = { source: fault.source ?? source, expect: fault.expect };
  const spoilt = fault.spoil(message);
  return { ...common, text: typeof spoilt === "string" ? spoilt : JSON.stringify(spoilt) };
}
