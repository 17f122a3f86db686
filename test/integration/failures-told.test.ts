import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { marshall } from "@aws-sdk/util-dynamodb";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { delivery, keyOfMessage, ON_ORDER, refresh } from "./support/messages.ts";
import { aClaim, NOW } from "./support/samples.ts";
import { startTrackerServer, type TrackerServer, trackedBy } from "./support/tracker-server.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let server: TrackerServer;
const before = { ...process.env };
beforeAll(async () => {
  server = await startTrackerServer();
  Object.assign(process.env, trackedBy(server, 5_000));
  world = await startWorld({ rowGraceMs: 1 });
});
afterAll(async () => {
  await world.close();
  await server.close();
  process.env = before;
});

const told = (code: string) =>
  eventually(`a report of ${code}`, async () => server.events.find(({ tags }) => tags["code"] === code));

/** The functions themselves, from the message to the tracker: what a person is told, and where they look next. */
describe("a failure that is a person's business (R3, R4)", () => {
  const message = refresh({ customerId: ON_ORDER });

  it("an order that was stopped: the tracker has its ids, the ledger where it stood", async () => {
    expect(await world.ingest([delivery(world.legacy.refreshes.queueArn, message)])).toEqual([]);
    const claim = await world.claims.read(keyOfMessage(message));
    if (claim?.orderId === undefined) throw new Error("the message was not claimed as an order");
    const { orderId } = claim;
    const arn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${claim.executionName}`;
    await world.sfn.send(new StopExecutionCommand({ executionArn: arn, cause: "ake@example.fi asked for it" }));
    expect(await told("ORDER_ABORTED")).toMatchObject({
      transaction: "Order settled",
      tags: { service: "settle", correlationId: message.requestId, orderId, executionArn: arn },
    });
    const evidence = await new DynamoDbEvidence(world.documents, world.bridge.ledgerTable).read(orderId);
    expect(evidence).toMatchObject({ executionArn: arn, status: "ABORTED", failedState: expect.any(String) });
    expect(server.raw.join()).not.toContain("ake@");
    expect(JSON.stringify(evidence)).not.toContain("ake@");
  });

  it("a command of which the service cannot say what became, from a worker's own process", async () => {
    const service = createServer((request, response) => {
      request.resume();
      response.end(request.url === "/sessions" ? '{"session":"s-1"}' : "no answer of ours");
    });
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    const { port } = z.object({ port: z.number() }).parse(service.address());
    const claim = aClaim("order");
    await world.claims.claim(claim);
    const { orderId, pinKey } = claim;
    if (orderId === undefined) throw new Error("the claim has no order");
    const who = { key: claim, n: 0, orderId, generation: 0, pinKey, pinned: true, owner: "killed" };
    const effects = new DynamoDbEffects(world.documents, world.bridge.ledgerTable);
    await effects.begin({ ...who, role: "whole", lane: "order", service: "registry", command: "register", at: NOW });
    const given = { ACTIVITY_ARN: world.bridge.activityArns.registry, SERVICE_URL: `http://127.0.0.1:${port}` };
    const file = fileURLToPath(import.meta.resolve("@crossfade/functions/webcat/registry-worker"));
    const env = { ...process.env, ...world.bridge.env, ...given };
    const worker = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
    try {
      expect(await told("EFFECTS_UNKNOWN")).toMatchObject({ tags: { service: "registry-worker" } });
    } finally {
      worker.kill("SIGTERM");
      await once(worker, "exit");
      service.closeAllConnections();
      service.close();
    }
  });

  it("a request for approval that cannot be recorded, since whoever placed the order waits for an answer", async () => {
    const record = delivery(world.bridge.queues.approvals.arn, { orderId: "none of ours" });
    const result = await world.cloud.functions.invoke("crossfade-approval-requests", { Records: [record] });
    const batchItemFailures = [{ itemIdentifier: record.messageId }];
    expect(result).toMatchObject({ kind: "returned", payload: { batchItemFailures } });
    expect(server.events.find(({ tags }) => tags["messageId"] === record.messageId)).toMatchObject({
      transaction: "Request for approval not recorded",
      tags: { service: "approval-requests" },
    });
  });

  it.each(["mirror", "settle"] as const)("a status change that %s cannot handle now: it comes back", async (queue) => {
    const executionArn = `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:none-${queue}`;
    const detail = { executionArn, status: queue === "mirror" ? "SUCCEEDED" : "FAILED", startDate: NOW };
    const change = { source: "aws.states", "detail-type": "Step Functions Execution Status Change", detail };
    const record = delivery(world.bridge.queues[queue].arn, change);
    const result = await world.cloud.functions.invoke(`crossfade-${queue}`, { Records: [record] });
    const batchItemFailures = [{ itemIdentifier: record.messageId }];
    expect(result).toMatchObject({ kind: "returned", payload: { batchItemFailures } });
  });

  it("a token that was sealed with another key: the row is told, and those behind it are observed", async () => {
    const [delegated, behind] = [aClaim("order", { integration: "delegate" }), aClaim("legacy")];
    for (const claim of [delegated, behind]) await world.claims.claim(claim);
    const { orderId, pinKey } = delegated;
    if (orderId === undefined) throw new Error("the claim has no order");
    const token = { attempt: 0, sealed: "sealed with another key, and longer than nonce and tag" };
    const who = { key: delegated, n: 0, orderId, generation: 0, pinKey, pinned: true, owner: "legacy", token };
    const effects = new DynamoDbEffects(world.documents, world.bridge.ledgerTable);
    await effects.begin({ ...who, role: "whole", lane: "delegate", service: "legacy", command: "message", at: NOW });
    const Records = [delegated, behind].map(({ requestId, route: type }, i) => ({
      dynamodb: { SequenceNumber: String(i), NewImage: marshall({ requestId, type, status: "COMPLETED" }) },
    }));
    const result = await world.cloud.functions.invoke("crossfade-observe", { Records });
    expect(result).toMatchObject({ kind: "returned", payload: { batchItemFailures: [] } });
    expect(await told("TOKEN_UNREADABLE")).toMatchObject({ tags: { service: "observe" } });
    expect((await effects.read(delegated))[0]?.outcome).toMatchObject({ status: "COMPLETED" });
    expect((await world.claims.read(behind))?.endedAt).toBeDefined();
  });

  it("a record that fails for a reason that nobody foresaw: its ids, and AWS's error by name alone", async () => {
    const dynamodb = new DynamoDBClient({});
    await dynamodb.send(new DeleteTableCommand({ TableName: world.bridge.ledgerTable }));
    dynamodb.destroy();
    const record = delivery(world.legacy.refreshes.queueArn, refresh({ customerId: ON_ORDER }));
    expect(await world.ingest([record])).toEqual([record.messageId]);
    const report = server.events.find(({ tags }) => tags["messageId"] === record.messageId);
    expect(report).toMatchObject({
      transaction: "Record failed",
      tags: { service: "ingest", correlationId: JSON.parse(record.body).requestId },
      exception: { values: [{ type: "ResourceNotFoundException" }] },
    });
    expect(report?.exception.values[0]).not.toHaveProperty("value");
    const Records = ["7", "8"].map((SequenceNumber) => {
      const row = { requestId: SequenceNumber, type: "REFRESH_DOMAIN", status: "COMPLETED" };
      return { dynamodb: { SequenceNumber, NewImage: marshall(row) } };
    });
    const payload = { batchItemFailures: [{ itemIdentifier: "7" }] };
    expect(await world.cloud.functions.invoke("crossfade-observe", { Records })).toMatchObject({ payload });
  });
});
