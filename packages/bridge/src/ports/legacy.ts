import type { Mirrored } from "../claim.ts";
import type { RequestKey } from "../ids.ts";
import type { RowImage } from "../route.ts";

/** Where a legacy consumer is reached: a queue of the bridge's, a topic of its own, or the function that it is. */
export type SendTarget =
  | { readonly kind: "fifo"; readonly queueUrl: string }
  | { readonly kind: "standard"; readonly queueUrl: string }
  | { readonly kind: "topic"; readonly topicArn: string }
  | { readonly kind: "lambda"; readonly functionArn: string };

/** A tap needs no send: the legacy consumer has a subscription of its own beside the bridge's. */
export type ForwardTarget = SendTarget | { readonly kind: "tap" };

/** True where the service itself drops a second send of a request; elsewhere the sender needs a lease (A4, A5). */
export const dropsRepeats = (target: SendTarget): boolean =>
  target.kind === "topic" ? target.topicArn.endsWith(".fifo") : target.kind === "fifo";

/**
 * One message for the legacy consumer, byte for byte: to a queue as it lay in the intercepted one, to a topic as it was
 * published, to a function as the event with which its topic invoked it.
 */
export interface ForwardMessage<Kind extends SendTarget["kind"] = SendTarget["kind"]> {
  readonly key: RequestKey;
  readonly target: Extract<SendTarget, { readonly kind: Kind }>;
  readonly body: string;
  readonly attributes: Readonly<Record<string, { dataType: string; stringValue?: string; binaryValue?: string }>>;
}

export interface LegacyForwarder<Kind extends SendTarget["kind"] = SendTarget["kind"]> {
  /** Resolves when the service has the message; sends of one moment travel together where the service takes batches. */
  send(message: ForwardMessage<Kind>): Promise<void>;
}

/** A message that was refused, with everything that is needed to judge and to redrive it (P10). */
export interface Refusal {
  readonly code: string;
  readonly field: string;
  readonly reason: string;
  readonly queueArn: string;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: ForwardMessage["attributes"];
}

export interface Quarantine {
  keep(refusal: Refusal): Promise<void>;
}

/** Makes a message that waits come back soon. Best effort: a failure only means that it comes back later. */
export interface Redelivery {
  comeBackIn(seconds: number, queueArn: string, receiptHandle: string): Promise<void>;
}

/** `other-request`: the row of that id is another route's request, and was left alone. */
export type RowWrite = "written" | "kept-out" | "no-row" | "other-request";

/** The request-tracking table of the legacy system. */
export interface TrackingTable {
  read(key: RequestKey): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Updates the row if the fence wins. `create` also writes a row that is not there. */
  write(key: RequestKey, mirrored: Mirrored, create: boolean): Promise<RowWrite>;
  /** Puts back the end of a legacy request, if the row is still the one that was seen. */
  restore(key: RequestKey, image: RowImage, seen: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Writes the first row of a request placed directly, unless there is a row. */
  create(key: RequestKey, image: RowImage): Promise<void>;
}
