import { randomUUID } from "node:crypto";
import {
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { buildOrder, CorrelationId, canonicalJson, FinishInput, OrderId, type OrderInput } from "@crossfade/bridge";
import { contract, type WebcatActivity } from "@crossfade/legacy";
import { type Cloud, startCloud } from "@crossfade/local";
import { createMachines, type Machines } from "@crossfade/local/machines";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";

let cloud: Cloud;
let sfn: SFNClient;
let machines: Machines<WebcatActivity>;
const finished: FinishInput[] = [];
const stop = new AbortController();
let worker: Promise<void>;

/** What the worker does about a domain, by its name. */
const answers: Record<string, (token: string) => SendTaskSuccessCommand | SendTaskFailureCommand | undefined> = {
  done: (taskToken) => succeed(taskToken, { status: "COMPLETED", effects: [], result: { padding: "x".repeat(1500) } }),
  refused: (taskToken) =>
    succeed(taskToken, {
      status: "FAILED",
      Error: { Code: "TAKEN", Message: "taken", Retryable: false },
      effects: [],
      result: {},
    }),
  thrown: (taskToken) => new SendTaskFailureCommand({ taskToken, error: "Crossfade.Refused", cause: "no" }),
  never: () => undefined,
};

const succeed = (taskToken: string, output: unknown) =>
  new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) });

async function work(activityArn: string): Promise<void> {
  while (!stop.signal.aborted) {
    const task = await sfn
      .send(new GetActivityTaskCommand({ activityArn }), { abortSignal: stop.signal })
      .catch(() => undefined);
    if (!task?.taskToken || task.input === undefined) continue;
    const { item } = JSON.parse(task.input);
    const answer = answers[String(item.input.what)]?.(task.taskToken);
    if (answer instanceof SendTaskSuccessCommand) await sfn.send(answer);
    if (answer instanceof SendTaskFailureCommand) await sfn.send(answer);
  }
}

beforeAll(async () => {
  cloud = await startCloud();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  sfn = new SFNClient({ endpoint: cloud.endpoints.sfn, region: cloud.region, credentials });
  const finishOrderArn = cloud.functions.register("finish-order", async (event) => {
    const input = FinishInput.parse(event);
    finished.push(input);
    if (input.order.customerId === "cust-broken") throw Object.assign(new Error("broken"), { name: "Crossfade.Fatal" });
    return { status: "COMPLETED", items: [], charge: { kind: "none" } };
  });
  machines = await createMachines(sfn, {
    region: cloud.region,
    accountId: cloud.accountId,
    prefix: "test",
    contract,
    finishOrderArn,
    planArn: "nobody-plans",
    delegateArn: cloud.functions.register("delegate", async () => ({})),
    checks: [],
    approvals: { queueUrl: "http://nobody-asks", ledgerTable: "nobody-asks" },
  });
  worker = work(machines.activityArns.registry);
});

afterAll(async () => {
  stop.abort();
  await worker;
  sfn.destroy();
  await cloud.close();
});

function anOrder(whats: readonly string[], customerId = "cust-1"): OrderInput {
  const items = whats.map((what, i) => ({
    itemId: `item-${i}`,
    route: "REFRESH_DOMAIN",
    requestId: randomUUID(),
    action: "RefreshDomain",
    input: { what },
  }));
  const orderId = OrderId.parse(randomUUID());
  return buildOrder(
    { customerId, items },
    { orderId, nameId: orderId, correlationId: CorrelationId.parse("c-1"), pinned: false },
  ).order;
}

async function start(order: OrderInput): Promise<string> {
  const { executionArn = "" } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machines.orderArn,
      name: order.executionName,
      input: canonicalJson(order),
    }),
  );
  return executionArn;
}

const ended = (executionArn: string) =>
  eventually("the execution to end", async () => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });

async function history(executionArn: string): Promise<HistoryEvent[]> {
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events;
}

const entered = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
const resultsOf = (order: OrderInput) => finished.find((input) => input.order.orderId === order.orderId)?.results;
const childArn = (order: OrderInput, i: number) =>
  `${machines.orderArn.replace(":stateMachine:test-Order", ":execution:test-RefreshDomain")}:${order.items[i]?.executionName}-0`;

describe("Order on the embedded cloud", () => {
  it("runs its items side by side; a refusal and a thrown error stay with their items (N5, N8)", async () => {
    const order = anOrder(["done", "refused", "thrown"]);
    const execution = await ended(await start(order));
    expect(execution.status).toBe("SUCCEEDED");
    expect(resultsOf(order)).toMatchObject([
      { itemId: "item-0", status: "COMPLETED" },
      { itemId: "item-1", status: "FAILED", Error: { Code: "TAKEN", Retryable: false } },
      { itemId: "item-2", status: "FAILED", Error: { Code: "WORK_NOT_DONE", Retryable: true } },
    ]);
  });

  it("takes 3 + n transitions, and each Action 3 (N20)", async () => {
    const order = anOrder(["done", "done", "done", "done"]);
    const arn = await start(order);
    await ended(arn);
    expect(entered(await history(arn))).toHaveLength(3 + 4);
    expect(entered(await history(childArn(order, 0)))).toHaveLength(3);
  });

  it("keeps a full order of 40 items below half of the state limit of 256 KiB", async () => {
    const order = anOrder(Array.from({ length: 40 }, () => "done"));
    const arn = await start(order);
    expect((await ended(arn)).status).toBe("SUCCEEDED");
    const sizes = (await history(arn)).map((event) => Buffer.byteLength(event.stateExitedEventDetails?.output ?? ""));
    expect(Math.max(...sizes)).toBeGreaterThan(40 * 1500);
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
  });

  it("reads a child of the same name that is closed, instead of running it again", async () => {
    const order = anOrder(["done"]);
    const [item] = order.items;
    const stateMachineArn = machines.orderArn.replace("test-Order", "test-RefreshDomain");
    const earlier = { orderId: order.orderId, correlationId: "c", generation: 0, item };
    await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: `${item?.executionName}-0`, input: JSON.stringify(earlier) }),
    );
    await ended(childArn(order, 0));
    const arn = await start(order);
    expect((await ended(arn)).status).toBe("SUCCEEDED");
    expect(entered(await history(arn))).toContain("Read the closed Action");
    expect(resultsOf(order)).toMatchObject([{ itemId: "item-0", status: "COMPLETED" }]);
  });

  it("gives an item whose closed child has no outcome a soft error, and leaves its neighbours alone (N5)", async () => {
    const order = anOrder(["never", "done"]);
    const [item] = order.items;
    const stateMachineArn = machines.orderArn.replace("test-Order", "test-RefreshDomain");
    const earlier = { orderId: order.orderId, correlationId: "c", generation: 0, item };
    await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: `${item?.executionName}-0`, input: JSON.stringify(earlier) }),
    );
    await sfn.send(new StopExecutionCommand({ executionArn: childArn(order, 0) }));
    expect((await ended(await start(order))).status).toBe("SUCCEEDED");
    expect(resultsOf(order)).toMatchObject([
      { itemId: "item-0", status: "FAILED", Error: { Code: "ACTION_CLOSED" } },
      { itemId: "item-1", status: "COMPLETED" },
    ]);
  });

  it("gives an item whose Action was stopped an outcome of its own", async () => {
    const order = anOrder(["never", "done"]);
    const arn = await start(order);
    await eventually("the Action to begin", async () =>
      entered(await history(childArn(order, 0)).catch(() => [])).at(0),
    );
    await sfn.send(new StopExecutionCommand({ executionArn: childArn(order, 0) }));
    expect((await ended(arn)).status).toBe("SUCCEEDED");
    expect(resultsOf(order)).toMatchObject([
      { status: "FAILED", Error: { Code: "ACTION_FAILED" } },
      { status: "COMPLETED" },
    ]);
  });

  it("fails when its last Lambda gives up, so that settle ends it", async () => {
    const execution = await ended(await start(anOrder(["done"], "cust-broken")));
    expect(execution).toMatchObject({ status: "FAILED", error: "Crossfade.OrderNotFinished" });
  });

  it("stops its Actions when it is stopped", async () => {
    const order = anOrder(["never"]);
    const arn = await start(order);
    await eventually("the Action to begin", async () =>
      entered(await history(childArn(order, 0)).catch(() => [])).at(0),
    );
    await sfn.send(new StopExecutionCommand({ executionArn: arn }));
    expect((await ended(childArn(order, 0))).status).toBe("ABORTED");
    const running = new ListExecutionsCommand({ stateMachineArn: machines.orderArn, statusFilter: "RUNNING" });
    expect((await sfn.send(running)).executions).toEqual([]);
  });
});
