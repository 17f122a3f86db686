import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { CloudEvent, EventSink } from "../contract.ts";
import { type Message, QueueSender, type SendFailure } from "./queue-sender.ts";
import type { Route, Rules } from "./rules.ts";

/** A test's say over one delivery. AWS promises at least once, in no order, and "in some rare cases" not at all. */
export type DeliveryFault = (event: CloudEvent, targetArn: string) => "deliver" | "drop" | "twice";

/** An event that reached neither its target nor a dead-letter queue. One that is no JSON has neither rule nor target. */
export interface FailedDelivery {
  readonly event: CloudEvent;
  readonly ruleArn?: string;
  readonly targetArn?: string;
  readonly code: string;
  readonly message: string;
}

export interface DeliveryOptions {
  readonly rules: Rules;
  readonly region: string;
  readonly sqsEndpoint: string;
  readonly onDeliver?: DeliveryFault | undefined;
}

interface Shipment extends Message {
  readonly event: CloudEvent;
  readonly route: Route;
  readonly isDeadLetter: boolean;
}

const COPIES = { drop: 0, deliver: 1, twice: 2 } as const;

/** SQS's limits on a batch: entries, and bytes of UTF-8. */
const BATCH_ENTRIES = 10;
const BATCH_BYTES = 1_048_576;
/** Room for the attributes of a dead letter, in bytes. */
const ATTRIBUTE_BYTES = 4096;

/** Sends each event to the queues of the rules it matches. A failed delivery is never the publisher's concern. */
export class Delivery implements EventSink {
  readonly #rules: Rules;
  readonly #fault: DeliveryFault;
  readonly #sender: QueueSender;
  readonly #failures: FailedDelivery[] = [];
  readonly #waiting = new Map<string, Shipment[]>();
  /** One for each queue that is being sent to: what comes meanwhile goes into its next batch. */
  readonly #lanes = new Map<string, Promise<void>>();

  constructor(options: DeliveryOptions) {
    this.#rules = options.rules;
    this.#fault = options.onDeliver ?? (() => "deliver");
    this.#sender = new QueueSender(options.sqsEndpoint, options.region);
  }

  publish(event: CloudEvent): void {
    let route: Route | undefined;
    try {
      const body = serialise(event);
      for (route of this.#rules.routesOf(event)) {
        const { arn, messageGroupId } = route.target;
        const copies = COPIES[this.#fault(event, arn)];
        for (let copy = 0; copy < copies; copy++) {
          this.#enqueue(arn, { event, route, body, messageGroupId, isDeadLetter: false });
        }
      }
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      this.#giveUp(event, route, { code: name, message });
    }
  }

  failures(): readonly FailedDelivery[] {
    return [...this.#failures];
  }

  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes.values());
  }

  /** Gives up what is on its way; it is then among the failures. */
  async close(): Promise<void> {
    this.#sender.close();
    await this.settled();
  }

  #enqueue(queueArn: string, shipment: Shipment): void {
    const waiting = this.#waiting.get(queueArn);
    if (waiting === undefined) this.#waiting.set(queueArn, [shipment]);
    else waiting.push(shipment);
    if (!this.#lanes.has(queueArn)) this.#lanes.set(queueArn, this.#empty(queueArn));
  }

  async #empty(queueArn: string): Promise<void> {
    // One turn of the event loop gathers what is published together into one batch.
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = this.#waiting.get(queueArn) ?? [];
    while (waiting.length > 0) {
      const failed = await this.#sender.send(queueArn, takeBatch(waiting));
      for (const [shipment, failure] of failed) this.#redirect(shipment, failure);
    }
    this.#waiting.delete(queueArn);
    this.#lanes.delete(queueArn);
  }

  #redirect(shipment: Shipment, failure: SendFailure): void {
    const { event, route, body, isDeadLetter } = shipment;
    const { deadLetterArn } = route.target;
    if (isDeadLetter || deadLetterArn === undefined) this.#giveUp(event, route, failure);
    else this.#enqueue(deadLetterArn, { event, route, body, isDeadLetter: true, attributes: reasons(route, failure) });
  }

  #giveUp(event: CloudEvent, route: Route | undefined, failure: Pick<SendFailure, "code" | "message">): void {
    const { code, message } = failure;
    const where = route && { ruleArn: route.ruleArn, targetArn: route.target.arn };
    this.#failures.push({ event, ...where, code, message });
  }
}

function takeBatch(waiting: Shipment[]): Shipment[] {
  let bytes = 0;
  const over = waiting.slice(0, BATCH_ENTRIES).findIndex(({ body, attributes }) => {
    bytes += Buffer.byteLength(body) + (attributes ? ATTRIBUTE_BYTES : 0);
    return bytes > BATCH_BYTES;
  });
  // A message that is too large by itself goes alone, so that SQS refuses no other with it.
  return waiting.splice(0, over < 0 ? BATCH_ENTRIES : Math.max(1, over));
}

/** The attributes that tell why an event is in a dead-letter queue (user guide, "Using dead-letter queues"). */
function reasons({ ruleArn, target }: Route, failure: SendFailure): Record<string, MessageAttributeValue> {
  const values = {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message.slice(0, 1000) || failure.code,
    RETRY_ATTEMPTS: String(failure.attempts - 1),
    ...(!failure.final && { EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts" }),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
}

/** The local SQS refuses characters beyond the basic plane, which AWS takes; escaped, the JSON says the same. */
function serialise(event: CloudEvent): string {
  return JSON.stringify(event).replaceAll(
    /[\ud800-\udfff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
