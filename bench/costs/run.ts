import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { type Row, requestKeyText } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { webcat } from "@crossfade/legacy";
import { createPublisher } from "@crossfade/legacy/reference";
import type { SqsRecord } from "@crossfade/local/records";
import * as z from "zod";
import { eventually } from "../../test/integration/support/eventually.ts";
import { keyOfMessage, type Message } from "../../test/integration/support/messages.ts";
import { transitionsOf } from "../../test/integration/support/transitions.ts";
import { Hands, type PolledQueue } from "./hands.ts";
import type { Scenario } from "./scenarios.ts";
import type { CountedWorld } from "./world.ts";

const StatusChange = z.object({ detail: z.object({ status: z.string() }) });

const tells =
  (status: string) =>
  ({ body }: SqsRecord): boolean =>
    StatusChange.parse(JSON.parse(body)).detail.status === status;

/** Sends messages on their way and goes all of it with them, in the order in which it happens on a calm day. */
export class Runner {
  readonly #world: CountedWorld;
  readonly #hands: Hands;
  readonly #claims: DynamoDbClaims;
  readonly #tracking: DynamoDbTracking;

  constructor(world: CountedWorld) {
    this.#world = world;
    this.#hands = new Hands(world);
    this.#claims = new DynamoDbClaims(world.documents, world.bridge.ledgerTable);
    this.#tracking = new DynamoDbTracking(world.documents, world.legacy.trackingTable, webcat.tracking);
  }

  /**
   * One request each until all have ended, every function invoked with batches of that size.
   * @returns state transitions of all their orders.
   */
  async run(scenario: Scenario, requests: number, size: number): Promise<number> {
    const messages = Array.from({ length: requests }, () => scenario.message());
    await this.#publish(scenario, messages);
    await this.#hands.observe(size);
    const intake = this.#intakeOf(scenario);
    const records = await this.#hands.takeFrom(intake, requests);
    await this.#hands.handle("ingest", intake, records, size);
    if (scenario.source === "tapped") await this.#oldConsumerGets(records);
    return scenario.path === "legacy" ? this.#legacyEnds(messages, size) : this.#ordersEnd(scenario, messages, size);
  }

  async #publish({ source }: Scenario, messages: readonly Message[]): Promise<void> {
    const { documents, legacy, beside } = this.#world;
    const topic = source === "tapped" || source === "functions" ? beside[source] : legacy.registrations;
    const registrations = { ...legacy.registrations, topicArn: topic.topicArn };
    const payments = new DynamoDbPayments(documents, legacy.paymentsTable);
    const clock = { now: () => Date.now() };
    const resources = { ...legacy, registrations };
    const publisher = createPublisher({ ...this.#world, payments, clock, resources }, { lateRate: 0 });
    for (const message of messages) {
      const body = z.record(z.string(), z.json()).parse(message);
      const to = source === "refreshes" || source === "dns" ? source : "registrations";
      await publisher.publish({ source: to, body }, message.requestId);
    }
  }

  /** By its own subscription, which is as fast as the tap: here the tap is a little faster, so that its claim is first. */
  async #oldConsumerGets(records: readonly SqsRecord[]): Promise<void> {
    const { sqs, beside } = this.#world;
    for (const { body } of records) {
      await sqs.send(new SendMessageCommand({ QueueUrl: beside.oldQueueUrl, MessageBody: body }));
    }
  }

  #intakeOf({ source }: Scenario): PolledQueue {
    if (source === "tapped" || source === "functions") return this.#world.beside[source];
    const { queueUrl: url, queueArn: arn } = this.#world.legacy[source];
    return { url, arn };
  }

  async #rowsEnd(messages: readonly Message[]): Promise<void> {
    const isOpen = (row: Row | undefined) => webcat.tracking.read(row)?.phase !== "completed";
    await eventually("the legacy service to have done its work", async () => {
      const rows = await Promise.all(messages.map((message) => this.#tracking.read(keyOfMessage(message))));
      return rows.some(isOpen) ? undefined : rows;
    });
  }

  async #legacyEnds(messages: readonly Message[], size: number): Promise<number> {
    await this.#hands.count();
    await this.#rowsEnd(messages);
    await this.#hands.observe(size);
    await this.#hands.count();
    return 0;
  }

  async #ordersEnd({ delegated }: Scenario, messages: readonly Message[], size: number): Promise<number> {
    await this.#mirror("RUNNING", messages.length, size);
    await this.#hands.count();
    // The row of delegated work is the legacy service's: nothing was told of it before its end.
    if (delegated) await this.#rowsEnd(messages);
    await this.#hands.observe(size);
    await this.#mirror("SUCCEEDED", messages.length, size);
    await this.#hands.observe(size);
    await this.#hands.count();
    const executions = await this.#executionsOf(messages);
    const counts = await Promise.all(executions.map((execution) => transitionsOf(this.#world, execution)));
    return counts.reduce((sum, { order, actions }) => actions.reduce((all, each) => all + each, sum + order), 0);
  }

  /** Events of one status. EventBridge sends each to the queue, in our name. */
  async #mirror(status: string, count: number, size: number): Promise<void> {
    const { mirror } = this.#world.bridge.queues;
    const events = await this.#hands.takeFrom(mirror, count, tells(status));
    this.#world.tally.polled({ by: "EventBridge", requests: count });
    await this.#hands.handle("mirror", mirror, events, size);
  }

  async #executionsOf(messages: readonly Message[]): Promise<readonly string[]> {
    const { bridge, sfn } = this.#world;
    const claims = await this.#claims.readMany(messages.map((message) => requestKeyText(keyOfMessage(message))));
    return Promise.all(
      [...claims.values()].map(async ({ executionName }) => {
        const executionArn = `${bridge.orderArn.replace(":stateMachine:", ":execution:")}:${executionName}`;
        const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (status !== "SUCCEEDED") throw new Error(`${executionName} is ${status}`);
        return executionArn;
      }),
    );
  }

  close(): void {
    this.#hands.close();
  }
}
