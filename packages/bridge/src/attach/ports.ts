import type { SqsRecord } from "../envelope.ts";
import type { LambdaCall, SnsCall } from "./calls.ts";
import type { Journal } from "./journal.ts";
import type { Mapping } from "./mapping.ts";
import type { QueueSight, Subscription } from "./seen.ts";

/** Lambda's event source mappings. */
export interface Mappings {
  /** Undefined where there is none. */
  read(id: string): Promise<Mapping | undefined>;
  /** Every mapping of that function on that queue. */
  find(functionArn: string, queueArn: string): Promise<readonly Mapping[]>;
  perform(call: LambdaCall): Promise<void>;
}

export interface Subscriptions {
  /** The subscriptions of a topic, with their attributes, to one endpoint or with one ARN; undefined without the topic. */
  find(
    topicArn: string,
    wanted: { readonly endpoint: string } | { readonly arn: string },
  ): Promise<readonly Subscription[] | undefined>;
  perform(call: SnsCall): Promise<void>;
}

export interface Queues {
  /** Undefined where there is no such queue. */
  look(queueUrl: string): Promise<QueueSight | undefined>;
  /** One long poll, of ten messages at most, which then stay hidden for so many seconds. */
  receive(queueUrl: string, queueArn: string, hiddenSeconds: number): Promise<readonly SqsRecord[]>;
  /** Messages whose receipt is no longer good are left alone. */
  hide(queueUrl: string, receipts: readonly string[], seconds: number): Promise<void>;
  acknowledge(queueUrl: string, receipts: readonly string[]): Promise<void>;
}

/** Who the operator is to AWS. */
export interface Identity {
  accountId(): Promise<string>;
  region(): Promise<string>;
}

export interface Journals {
  read(source: string): Promise<Journal | undefined>;
  /**
   * Writes the journal, if the stored version is `journal.version - 1`.
   * @throws BridgeError ATTACH_CHANGED (reject) where another operator has written meanwhile.
   */
  write(journal: Journal): Promise<void>;
}

/** Waits for the world. Milliseconds. */
export interface Pause {
  for(ms: number): Promise<void>;
}
