import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import {
  type ApprovalNeed,
  buildOrder,
  CorrelationId,
  canonicalJson,
  FinishInput,
  OrderId,
  type OrderInput,
} from "@crossfade/bridge";
import type { Documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { contract, type WebcatActivity } from "@crossfade/legacy";
import { type Cloud, type Handler, startCloud } from "@crossfade/local";
import { createLedger } from "@crossfade/local/ledger";
import { createMachines, type Machines } from "@crossfade/local/machines";
import { eventually } from "./eventually.ts";

/** Order on an embedded cloud; its Action does everything at once, and the final Lambda only takes note. */
export interface OrderRuns {
  readonly cloud: Cloud;
  readonly sfn: SFNClient;
  readonly machines: Machines<WebcatActivity>;
  readonly sqs: SQSClient;
  /** Nobody reads it but the test. */
  readonly approvalsUrl: string;
  readonly ledger: { readonly client: Documents; readonly table: string };
  start(order: OrderInput): Promise<string>;
  ended(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  /** Names of the states it entered, in order. */
  entered(executionArn: string): Promise<string[]>;
  /** What the final Lambda was told about that order. */
  finished(order: OrderInput): FinishInput | undefined;
  close(): Promise<void>;
}

const DONE = {
  Comment: "Does the work at once",
  StartAt: "Do it",
  States: {
    "Do it": {
      Type: "Pass",
      Parameters: {
        "itemId.$": "$.item.itemId",
        "route.$": "$.item.route",
        "requestId.$": "$.item.requestId",
        status: "COMPLETED",
        effects: [],
      },
      End: true,
    },
  },
};

const APPROVALS = "approvals";

interface Given {
  /** Checks by name, as the handlers of their Lambdas. */
  readonly checks?: Readonly<Record<string, Handler>>;
  /** What a check asks, by its name. */
  readonly questions?: Readonly<Record<string, string>>;
  /** Seconds for which an order waits for approval. */
  readonly approvalWaitSeconds?: number;
}

export async function startOrderRuns(given: Given = {}): Promise<OrderRuns> {
  const { checks = {}, questions = {}, approvalWaitSeconds = 60 } = given;
  const cloud = await startCloud();
  const { region, accountId, endpoints } = cloud;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sfn = new SFNClient({ endpoint: endpoints.sfn, region, credentials });
  const sqs = new SQSClient({ endpoint: endpoints.sqs, region, credentials, useQueueUrlAsEndpoint: false });
  const dynamodb = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  await createLedger(endpoints.dynamodb, region, "ledger");
  const { QueueUrl: approvalsUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: APPROVALS }));
  const finished: FinishInput[] = [];
  const finishOrderArn = cloud.functions.register("finish-order", async (event) => {
    finished.push(FinishInput.parse(event));
    return { status: "COMPLETED", items: [], charge: { kind: "none" } };
  });
  const machines = await createMachines(sfn, {
    ...{ region, accountId, prefix: "test", contract, finishOrderArn },
    planArn: cloud.functions.register("plan", async () => ({})),
    delegateArn: cloud.functions.register("delegate", async () => ({})),
    checks: Object.entries(checks).map(([name, handler]) => {
      const functionArn = cloud.functions.register(`check-${name}`, handler);
      return { name, question: questions[name] ?? `Is the ${name} fine?`, functionArn };
    }),
    approvals: { queueUrl: approvalsUrl, ledgerTable: "ledger", waitSeconds: approvalWaitSeconds },
  });
  await sfn.send(
    new CreateStateMachineCommand({
      name: "test-Instant",
      definition: JSON.stringify(DONE),
      roleArn: `arn:aws:iam::${accountId}:role/test`,
    }),
  );
  return {
    ...{ cloud, sfn, sqs, machines, approvalsUrl },
    ledger: { client: DynamoDBDocumentClient.from(dynamodb), table: "ledger" },
    async start(order) {
      const input = canonicalJson(order);
      const start = { stateMachineArn: machines.orderArn, name: order.executionName, input };
      return (await sfn.send(new StartExecutionCommand(start))).executionArn ?? "";
    },
    ended: (executionArn) =>
      eventually("the execution to end", async () => {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === "RUNNING" ? undefined : execution;
      }),
    async entered(executionArn) {
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
    },
    finished: (order) => finished.find((input) => input.order.orderId === order.orderId),
    async close() {
      for (const client of [sfn, sqs, dynamodb]) client.destroy();
      await cloud.close();
    },
  };
}

/** An order that does nothing, of as many items. */
export function anInstantOrder(
  items: number,
  given: { readonly customerId?: string; readonly checks?: boolean; readonly approval?: ApprovalNeed } = {},
): OrderInput {
  const orderId = OrderId.parse(randomUUID());
  const draft = {
    customerId: "cust-1",
    ...given,
    items: Array.from({ length: items }, (_, i) => ({
      itemId: `item-${i}`,
      route: "REFRESH_DOMAIN",
      requestId: randomUUID(),
      action: "Instant",
      input: {},
    })),
  };
  const ids = { orderId, nameId: orderId, correlationId: CorrelationId.parse("c-1"), pinned: false };
  return buildOrder(draft, ids).order;
}
