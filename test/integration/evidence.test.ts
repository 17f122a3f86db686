import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetActivityTaskCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import {
  type ExecutionReader,
  FinishInput,
  type KeptEvidence,
  type SettleDeps,
  type SettleOutcome,
  settleExecution,
} from "@crossfade/bridge";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { contract, type WebcatActivity, webcat } from "@crossfade/legacy";
import { type Cloud, startCloud } from "@crossfade/local";
import { createMachines, type Machines } from "@crossfade/local/machines";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { type OrdersFixture, ordersOn, type PlacedOrder, placed, ROW_GRACE } from "./support/orders.ts";

/** Stands for whatever of a customer's could stand in an input, an output, a cause or a stopper's words. */
const PERSONAL = "jane.doe@example.fi";

let cloud: Cloud;
let sfn: SFNClient;
let machines: Machines<WebcatActivity>;
let ledger: LedgerFixture;
let fixture: OrdersFixture;

const NOBODY = { queueUrl: "http://nobody-asks", ledgerTable: "nobody-asks" };
beforeAll(async () => {
  cloud = await startCloud();
  sfn = new SFNClient({
    endpoint: cloud.endpoints.sfn,
    region: cloud.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const finishOrderArn = cloud.functions.register("finish-order", async (event) => {
    FinishInput.parse(event);
    throw Object.assign(new Error(`refused for ${PERSONAL}`), { name: "Crossfade.Fatal" });
  });
  const delegateArn = cloud.functions.register("delegate", async () => ({}));
  const { region, accountId } = cloud;
  const place = {
    region,
    accountId,
    prefix: webcat.name,
    contract,
    finishOrderArn,
    planArn: "nobody-plans",
    delegateArn,
    checks: [],
    approvals: NOBODY,
  };
  machines = await createMachines(sfn, place);
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
  fixture.setNow(Date.now() + 600_000 + ROW_GRACE);
});
afterAll(async () => {
  sfn.destroy();
  await Promise.all([cloud.close(), ledger.close()]);
});

const depsOn = (machineArn = machines.orderArn): SettleDeps => ({
  ...fixture.deps,
  executions: new SfnOrders(sfn, machineArn),
});

async function start({ order }: PlacedOrder, machineArn = machines.orderArn): Promise<string> {
  const input = JSON.stringify(order);
  const command = new StartExecutionCommand({ stateMachineArn: machineArn, name: order.executionName, input });
  return (await sfn.send(command)).executionArn ?? "";
}

const ended = (executionArn: string) =>
  eventually("the execution to end", async () => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });

const childArn = ({ order }: PlacedOrder, i: number) =>
  `${machines.orderArn.replace(":stateMachine:webcat-Order", ":execution:webcat-RegisterDomain")}:${order.items[i]?.executionName}-0`;

async function settle(deps: SettleDeps, executionArn: string): Promise<SettleOutcome & { kept: KeptEvidence }> {
  const outcome = await settleExecution(deps, await deps.executions.describe(executionArn));
  if (outcome.kind !== "settled") throw new Error("the order was not settled");
  return outcome;
}

/** An activity's task of that order, taken and never answered. */
const taken = async ({ order }: PlacedOrder) => {
  const activityArn = machines.activityArns.registry;
  const { input = "" } = await sfn.send(new GetActivityTaskCommand({ activityArn }));
  expect(input).toContain(order.orderId);
};

describe("evidence of an unsuccessful order (R4), from the embedded Step Functions to the ledger", () => {
  it("of a stopped order: where it stood, and where the Action it waited for stood", async () => {
    const order = await placed(fixture);
    const executionArn = await start(order);
    await taken(order);
    await sfn.send(new StopExecutionCommand({ executionArn, error: PERSONAL, cause: PERSONAL }));
    await ended(executionArn);
    const { kept } = await settle(depsOn(), executionArn);
    const record = await fixture.deps.evidence.read(order.order.orderId);
    expect(kept).toEqual({ evidence: record });
    expect(record).toMatchObject({
      executionArn,
      status: "ABORTED",
      generation: 0,
      failedState: "Do the item",
      item: 0,
      action: {
        requestId: order.claims[0]?.requestId,
        executionArn: childArn(order, 0),
        failedState: "Register the domain",
      },
    });
    expect(record?.events.at(-1)).toMatch(/^\d+ ExecutionAborted/);
    expect(record?.action?.events).toContainEqual(expect.stringMatching(/^\d+ TaskStateEntered Register the domain$/));
    expect(JSON.stringify(record)).not.toContain(PERSONAL);
  });

  it("of an order that ran out of time", async () => {
    const order = await placed(fixture);
    const { definition = "", roleArn } = await sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: machines.orderArn }),
    );
    const short = JSON.stringify({ ...JSON.parse(definition), TimeoutSeconds: 1 });
    const create = new CreateStateMachineCommand({ name: "webcat-Short", definition: short, roleArn });
    const { stateMachineArn } = await sfn.send(create);
    const executionArn = await start(order, stateMachineArn);
    await taken(order);
    await ended(executionArn);
    const { kept } = await settle(depsOn(stateMachineArn), executionArn);
    expect(kept.evidence).toMatchObject({
      status: "TIMED_OUT",
      failedState: "Do the item",
      error: "States.Timeout",
      action: { failedState: "Register the domain" },
    });
  });

  it("of an order whose last state failed: that state and its error, without the error's cause", async () => {
    const order = await placed(fixture);
    const executionArn = await start(order);
    await taken(order);
    await sfn.send(new StopExecutionCommand({ executionArn: childArn(order, 0), cause: PERSONAL }));
    await ended(executionArn);
    const { kept } = await settle(depsOn(), executionArn);
    const record = await fixture.deps.evidence.read(order.order.orderId);
    expect(record).toEqual(kept.evidence);
    expect(record).toMatchObject({ status: "FAILED", failedState: "Finish the order", error: "Crossfade.Fatal" });
    expect(record).not.toHaveProperty("action");
    expect(record?.events.length).toBeGreaterThan(10);
    expect(JSON.stringify(record)).not.toContain(PERSONAL);
  });
});

describe("evidence in the ledger", () => {
  const found = { events: ["7 ExecutionAborted"], failedState: "Do the item" };
  const answering = (evidence: ExecutionReader["evidence"]): SettleDeps => ({
    ...fixture.deps,
    executions: { ...fixture.executions, describe: unexpected, find: unexpected, evidence },
  });
  const unexpected = async (): Promise<never> => {
    throw new Error("the test did not expect this call");
  };
  const settleAs = (deps: SettleDeps, order: PlacedOrder, redriveCount: number) =>
    settleExecution(deps, order.execution("ABORTED", redriveCount));
  const rowsOf = (order: PlacedOrder) =>
    Promise.all(order.claims.map(async (claim) => (await fixture.deps.tracking.read(claim))?.["status"]));

  it("one of an older generation never overwrites a newer one; the same again does", async () => {
    const order = await placed(fixture);
    const of = (state: string) => answering(async () => ({ ...found, failedState: state }));
    await settleAs(of("second"), order, 1);
    await settleAs(of("first"), order, 0);
    const read = () => fixture.deps.evidence.read(order.order.orderId);
    expect(await read()).toMatchObject({ generation: 1, failedState: "second" });
    await settleAs(of("second, seen again"), order, 1);
    expect(await read()).toMatchObject({ generation: 1, failedState: "second, seen again" });
  });

  it("asks twice at most, and keeps one record for an order of many requests", async () => {
    const order = await placed(fixture, { items: 5 });
    const asked: string[] = [];
    const deps = answering(async (executionArn) => {
      asked.push(executionArn);
      return { ...found, item: 3 };
    });
    // The machines are called as the deployment calls them, and not after the migration.
    const stem = "arn:aws:states:eu-west-1:000000000000:execution:webcat-production";
    const executionArn = `${stem}-Order:${order.order.executionName}`;
    await settleExecution(deps, { ...order.execution("ABORTED", 0), executionArn });
    expect(asked).toEqual([executionArn, `${stem}-RegisterDomain:${order.order.items[3]?.executionName}-0`]);
    expect(await fixture.deps.evidence.read(order.order.orderId)).toMatchObject({
      action: { requestId: order.claims[3]?.requestId },
    });
  });

  it.each([
    ["cannot be read", unexpected, undefined],
    ["cannot be written", async () => found, "no-such-table"],
    ["is not what it should be", async () => ({ events: Array.from({ length: 999 }, () => "x") }), undefined],
  ])("that %s does not keep settle from its work, and is told", async (_, evidence, table) => {
    const order = await placed(fixture, { items: 2 });
    const deps = answering(evidence);
    const broken = table === undefined ? deps : { ...deps, evidence: new DynamoDbEvidence(ledger.client, table) };
    const settled = await settleAs(broken, order, 0);
    expect(settled).toMatchObject({ kind: "settled", kept: { failure: expect.any(Error) } });
    expect(await rowsOf(order)).toEqual(["FAILED", "FAILED"]);
    for (const claim of order.claims) {
      expect(await fixture.deps.claims.read(claim)).toMatchObject({ orderOutcome: { status: "FAILED" } });
    }
    expect(await fixture.deps.evidence.read(order.order.orderId)).toBeUndefined();
  });
});
