import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { ApprovalRequest, canonicalJson, type OrderInput, TaskToken } from "@crossfade/bridge";
import { DynamoDbApprovals } from "@crossfade/bridge/adapters/dynamodb-approvals";
import { SfnApprovals } from "@crossfade/bridge/adapters/sfn-approvals";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { anInstantOrder, type OrderRuns, startOrderRuns } from "./support/order-runs.ts";
import { drain } from "./support/queues.ts";

const approval = { over: 50_000, amount: 95_000 };
const APPROVED = { approved: true, by: "Aino", reason: "known customer" };
const REFUSED = { approved: false, by: "Eero", reason: "too much at once" };

let runs: OrderRuns;
let hasty: OrderRuns;
beforeAll(async () => {
  runs = await startOrderRuns({ checks: { customer: async () => ({}) } });
  hasty = await startOrderRuns({ approvalWaitSeconds: 3 });
});
afterAll(() => Promise.all([runs.close(), hasty.close()]));

const tasksOf = ({ sfn, machines }: OrderRuns) => new SfnApprovals(sfn, machines.orderArn);

/** The request that the order sent. */
const asked = (of: OrderRuns, { orderId }: OrderInput): Promise<ApprovalRequest> =>
  eventually("a request for approval", async () => {
    const messages = await drain(of.sqs, of.approvalsUrl);
    return messages
      .map(({ Body = "" }) => ApprovalRequest.parse(JSON.parse(Body)))
      .find((one) => one.orderId === orderId);
  });

const closed = async ({ ledger }: OrderRuns, { orderId }: OrderInput) => {
  const Key = { pk: `ORDER#${orderId}`, sk: "APPROVAL" };
  return (await ledger.client.send(new GetCommand({ TableName: ledger.table, Key, ConsistentRead: true }))).Item;
};

describe("an order that waits for approval (N16)", () => {
  it("says what is asked, and goes on when it is approved: 2 transitions more", async () => {
    const order = anInstantOrder(3, { approval });
    const arn = await runs.start(order);
    const { token, ...request } = await asked(runs, order);
    const { orderId, executionName, correlationId } = order;
    const attempt = { generation: 0, retry: 0 };
    expect(request).toEqual({ orderId, executionName, correlationId, ...approval, items: 3, attempt });
    expect(await tasksOf(runs).waitEnd(executionName)).toBe("waiting");
    expect(await tasksOf(runs).answer(token, APPROVED)).toBe(true);
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
    expect(await runs.entered(arn)).toHaveLength(3 + 3 + 2);
    expect(runs.finished(order)?.results).toHaveLength(3);
    expect(runs.finished(order)).not.toHaveProperty("refusal");
    expect(await tasksOf(runs).answer(token, APPROVED)).toBe(false);
    expect(await tasksOf(runs).waitEnd(executionName)).toBe("answered");
  });

  it("ends when it is refused, with who and why: 5 transitions, no item begun", async () => {
    const order = anInstantOrder(3, { approval });
    const arn = await runs.start(order);
    await tasksOf(runs).answer((await asked(runs, order)).token, REFUSED);
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
    expect(await runs.entered(arn)).toHaveLength(5);
    const refusal = { Code: "APPROVAL_REFUSED", Message: "refused by Eero: too much at once", Retryable: false };
    expect(runs.finished(order)).toMatchObject({ results: [], refusal });
    expect(await tasksOf(runs).waitEnd(order.executionName)).toBe("answered");
  });

  it("is checked first where it asks for both", async () => {
    const order = anInstantOrder(1, { approval, checks: true });
    const arn = await runs.start(order);
    await tasksOf(runs).answer((await asked(runs, order)).token, APPROVED);
    await runs.ended(arn);
    const entered = await runs.entered(arn);
    expect(entered.indexOf("Check the order")).toBeLessThan(entered.indexOf("Ask for approval"));
    expect(entered).toHaveLength(3 + 1 + 2 + 1 + 2);
  });

  it("ends when nobody answers in time, and its request is closed, also one that comes late", async () => {
    const order = anInstantOrder(3, { approval });
    const arn = await hasty.start(order);
    const { token, attempt, ...question } = await asked(hasty, order);
    expect((await hasty.ended(arn)).status).toBe("SUCCEEDED");
    expect(await hasty.entered(arn)).toHaveLength(5);
    expect(hasty.finished(order)).toMatchObject({ results: [], refusal: { Code: "APPROVAL_TIMED_OUT" } });
    expect(await tasksOf(hasty).answer(token, APPROVED)).toBe(false);
    expect(await tasksOf(hasty).waitEnd(order.executionName)).toBe("expired");
    expect(await closed(hasty, order)).toMatchObject({ waitEnd: "expired", generation: 0 });
    const approvals = new DynamoDbApprovals(hasty.ledger.client, hasty.ledger.table);
    expect(await approvals.record(question, attempt, "sealed", 1)).toBeUndefined();
    expect((await approvals.open(10)).entries).toEqual([]);
  });

  it("has its recorded request closed by a state of its own, token and index entry removed (N13)", async () => {
    const order = anInstantOrder(1, { approval });
    const arn = await hasty.start(order);
    const { token: _, attempt, ...question } = await asked(hasty, order);
    const approvals = new DynamoDbApprovals(hasty.ledger.client, hasty.ledger.table);
    expect(await approvals.record(question, attempt, "sealed", 1)).toMatchObject({ question, sealedToken: "sealed" });
    await hasty.ended(arn);
    const item = await closed(hasty, order);
    expect(item).toMatchObject({ waitEnd: "expired", question });
    for (const gone of ["sealedToken", "inFlight"]) expect(item).not.toHaveProperty(gone);
  });

  it("sends its request again when the send fails, as a newer attempt", async () => {
    await runs.sqs.send(new DeleteQueueCommand({ QueueUrl: runs.approvalsUrl }));
    const order = anInstantOrder(1, { approval });
    const arn = await runs.start(order);
    await eventually("a send to fail", async () => {
      const { events = [] } = await runs.sfn.send(new GetExecutionHistoryCommand({ executionArn: arn }));
      return events.find((event) => event.taskFailedEventDetails !== undefined);
    });
    await runs.sqs.send(new CreateQueueCommand({ QueueName: "approvals" }));
    const { attempt, token } = await asked(runs, order);
    expect(attempt.generation).toBe(0);
    expect(attempt.retry).toBeGreaterThan(0);
    await tasksOf(runs).answer(token, APPROVED);
    expect((await runs.ended(arn)).status).toBe("SUCCEEDED");
  });

  it("ends with a soft error when it cannot be asked for", async () => {
    const { sfn, machines } = runs;
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machines.orderArn }));
    const definition = JSON.parse(described.definition ?? "");
    const ask = definition.States["Ask for approval"];
    ask.Retry = [];
    ask.Parameters.QueueUrl = `${runs.approvalsUrl}-that-is-not-there`;
    const create = { name: "test-Order-hasty", definition: JSON.stringify(definition), roleArn: described.roleArn };
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(create));
    const order = anInstantOrder(2, { approval });
    const start = { stateMachineArn, name: order.executionName, input: canonicalJson(order) };
    const { executionArn = "" } = await sfn.send(new StartExecutionCommand(start));
    expect((await runs.ended(executionArn)).status).toBe("SUCCEEDED");
    expect(runs.finished(order)).toMatchObject({
      results: [],
      refusal: { Code: "APPROVAL_NOT_ASKED", Retryable: true },
    });
    expect(await closed(runs, order)).toMatchObject({ waitEnd: "expired" });
  });

  it("that was stopped waits no more", async () => {
    const order = anInstantOrder(1, { approval });
    const executionArn = await runs.start(order);
    const { token } = await asked(runs, order);
    await runs.sfn.send(new StopExecutionCommand({ executionArn }));
    expect(await tasksOf(runs).answer(token, APPROVED)).toBe(false);
    expect(await tasksOf(runs).waitEnd(order.executionName)).toBe("expired");
  });

  it("whose token is broken says so without quoting it", async () => {
    const token = TaskToken.parse("no-token-of-anybody");
    const error: unknown = await tasksOf(runs)
      .answer(token, APPROVED)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "DEPENDENCY_FAILED", details: { error: "InvalidToken" } });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(token);
  });
});
