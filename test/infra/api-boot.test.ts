import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { ExecutionName, RequestId, RouteType } from "@crossfade/bridge";
import { claimKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { type Dashboard, LOCAL_ACCESS, serveDashboard } from "@crossfade/local/dashboard";
import { build } from "esbuild";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { aClaim } from "../../packages/bridge/src/testing.ts";
import { type BootedWorld, bootWorld } from "./support/booted-world.ts";
import { policiesOf } from "./support/policies.ts";
import { stackOf } from "./support/stack.ts";

/** The API's bundle in a thread with its variables alone, behind a gateway that refuses what its role may not do. */
let world: BootedWorld;
let issuer: Dashboard;
let folder: string;

const ROUTE = RouteType.parse("REFRESH_DOMAIN");
const REQUEST = RequestId.parse("request-1");
const Variables = z.object({ environment: z.object({ variables: z.record(z.string(), z.string()) }) });

beforeAll(async () => {
  const stack = await stackOf("staging");
  folder = await mkdtemp(join(tmpdir(), "crossfade-api-"));
  const file = join(folder, "bundle.mjs");
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await build({
    ...{ entryPoints: ["packages/functions/src/api.ts"], outfile: file, bundle: true, minify: true, banner },
    ...{ platform: "node", format: "esm", target: "node24", logLevel: "error" },
  });
  world = await bootWorld(stack, "http://127.0.0.1:9");
  issuer = await serveDashboard({ api: () => new Hono() });
  const { variables } = Variables.parse(stack.one("function", "ApiFunction").inputs).environment;
  world.cloud.functions.registerBundle(`${stack.prefix}-api`, {
    file,
    timeoutSeconds: 29,
    environment: {
      ...variables,
      ...world.variablesFor(`${stack.prefix}-api`),
      // The configuration's own is nowhere.
      ...{ DASHBOARD_ISSUER: issuer.issuer.url, DASHBOARD_AUDIENCE: LOCAL_ACCESS.audience },
      ...{ DASHBOARD_ROLE_CLAIM: LOCAL_ACCESS.roleClaim, DASHBOARD_OPERATORS: JSON.stringify(LOCAL_ACCESS.operators) },
    },
  });
  const claim = aClaim("order", { route: ROUTE, requestId: REQUEST, executionName: ExecutionName.parse("order-1") });
  const TableName = String(stack.deployed.environment["LEDGER_TABLE"]);
  await world.documents.send(new PutCommand({ TableName, Item: { ...claimKey(claim), ...claim } }));
}, 120_000);
afterAll(async () => {
  await Promise.all([issuer.close(), world.close(), rm(folder, { recursive: true })]);
});

const Answer = z.object({ statusCode: z.number(), body: z.string() });

async function call(method: string, path: string, body?: object): Promise<z.infer<typeof Answer>> {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const headers = {
    authorization: `Bearer ${await issuer.issuer.issue("operator")}`,
    "content-type": "application/json",
  };
  const http = { method, sourceIp: "192.0.2.1" };
  const event = { version: "2.0", rawPath, rawQueryString, headers, isBase64Encoded: false };
  const sent = {
    ...event,
    ...(body && { body: JSON.stringify(body) }),
    requestContext: { domainName: "api.example", http },
  };
  return Answer.parse(await world.invoke("api", sent));
}

const reason = "a test";
const policy = { ramp: [{ stage: "split", percentage: 50 }] };

const ASKED: readonly { readonly method: string; readonly path: string; readonly body?: object }[] = [
  { method: "GET", path: "/api/overview" },
  { method: "GET", path: `/api/routes/${ROUTE}` },
  { method: "POST", path: `/api/routes/${ROUTE}/rollout/preview`, body: { percentage: 50 } },
  { method: "PUT", path: `/api/routes/${ROUTE}/rollout`, body: { change: { percentage: 50 }, version: 1, reason } },
  { method: "POST", path: `/api/routes/${ROUTE}/rollout/pause`, body: { reason } },
  { method: "POST", path: `/api/routes/${ROUTE}/rollout/resume`, body: { reason } },
  { method: "PUT", path: `/api/routes/${ROUTE}/guard`, body: { policy, version: 4, reason } },
  { method: "GET", path: `/api/routes/${ROUTE}/guard` },
  { method: "DELETE", path: `/api/routes/${ROUTE}/guard`, body: { reason } },
  { method: "GET", path: `/api/routes/${ROUTE}/verdicts` },
  { method: "GET", path: `/api/routes/${ROUTE}/audit` },
  { method: "GET", path: `/api/requests/${REQUEST}` },
  { method: "GET", path: "/api/dead-letters" },
];

test.each(ASKED)("its role lets it answer $method $path", async ({ method, path, body }) => {
  const { statusCode, body: answered } = await call(method, path, body);
  expect([statusCode, world.permissions.denied], answered).toEqual([200, []]);
});

test("its role lets it look at a dead letter, send it back and discard it", async () => {
  const letters = { ...world.stack.deployed.deadLetters["mirror"] };
  const lie = () => world.sqs.send(new SendMessageCommand({ QueueUrl: letters.queueUrl, MessageBody: "{}" }));
  for (const action of ["redrive", "discard"]) {
    const { MessageId = "" } = await lie();
    expect((await call("GET", "/api/dead-letters/mirror")).body).toContain(MessageId);
    const moved = await call("POST", `/api/dead-letters/mirror/${action}`, { messageIds: [MessageId], reason });
    expect(JSON.parse(moved.body), moved.body).toMatchObject({ failed: [], uncertain: [], left: 0, done: true });
  }
  expect(world.permissions.denied).toEqual([]);
});

test("it uses every action that it has, but those that a machine's history or an order's end would need", () => {
  const used = new Set(
    [...world.permissions.used].filter((each) => each.includes("-api ")).map((each) => each.split(" ")[1]),
  );
  expect([...used].sort()).toEqual([
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "states:DescribeExecution",
  ]);
});

test("and writes what is of routes, and of dead letters, alone: its role lets it touch no claim and no count", async () => {
  const [found] = policiesOf(await stackOf("staging")).filter(({ where }) => where === "Role ApiRole inlinePolicies");
  const writes = found?.statements.filter(({ Action }) =>
    Action.some((action) => /^dynamodb:\w*(Put|Update|Delete|Write)/.test(action)),
  );
  const Condition = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ROUTE#*", "MOVE#*"] } };
  expect(writes).toMatchObject([{ Action: ["dynamodb:PutItem"], Condition }]);
});
