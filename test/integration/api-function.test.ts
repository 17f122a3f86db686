import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { Overview, RequestStories, RouteDetail } from "@crossfade/bridge/console";
import { deadLetterVariable } from "@crossfade/bridge/deployment";
import { type Dashboard, LOCAL_ACCESS, type LocalRole, serveBridgeDashboard } from "@crossfade/local/dashboard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { delivery, ON_ORDER, refresh } from "./support/messages.ts";
import { startWorld, type World } from "./support/world.ts";

/** The API's Lambda function as API Gateway calls it, and the local server, over the same bridge and the same tokens. */
let world: World;
let dashboard: Dashboard;
let handler: (event: unknown) => Promise<unknown>;

const ORIGIN = "https://dashboard.example";
const Answer = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()), body: z.string() });

beforeAll(async () => {
  world = await startWorld();
  dashboard = await serveBridgeDashboard(world.bridge.deployed);
  const { deadLetters, sources } = world.bridge.deployed;
  const intakes = Object.values(sources).map(({ intake }) => intake);
  Object.assign(process.env, {
    DEAD_LETTERS: JSON.stringify(deadLetterVariable({ deadLetters, intakes })),
    DASHBOARD_ISSUER: dashboard.issuer.url,
    DASHBOARD_AUDIENCE: LOCAL_ACCESS.audience,
    DASHBOARD_ORIGIN: ORIGIN,
    DASHBOARD_ROLE_CLAIM: LOCAL_ACCESS.roleClaim,
    DASHBOARD_VIEWERS: JSON.stringify(LOCAL_ACCESS.viewers),
    DASHBOARD_OPERATORS: JSON.stringify(LOCAL_ACCESS.operators),
  });
  ({ handler } = await import("@crossfade/functions/api"));
});
afterAll(async () => {
  await dashboard.close();
  await world.close();
});

/** Calls the function as API Gateway does, which decodes the path. */
async function call(method: string, pathAndQuery: string, as?: LocalRole, body?: unknown) {
  const { pathname, search } = new URL(pathAndQuery, ORIGIN);
  const answer = await handler({
    version: "2.0",
    rawPath: decodeURIComponent(pathname),
    rawQueryString: search.slice(1),
    headers: {
      origin: ORIGIN,
      ...(as && { authorization: `Bearer ${await dashboard.issuer.issue(as)}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: { domainName: "api.example", http: { method, sourceIp: "192.0.2.1" } },
  });
  const { statusCode, headers, body: text } = Answer.parse(answer);
  return { status: statusCode, headers, json: (): unknown => JSON.parse(text) };
}

const ROUTE = "REFRESH_DOMAIN";

describe("the API as a Lambda function", () => {
  it("refuses who has no token, and answers pages of the one origin alone", async () => {
    const refused = await call("GET", "/api/overview");
    expect(refused).toMatchObject({ status: 401, headers: { "access-control-allow-origin": ORIGIN } });
    expect((await call("GET", "/api/me", "viewer")).json()).toMatchObject({ role: "viewer" });
  });

  it("shows every route", async () => {
    const overview = Overview.parse((await call("GET", "/api/overview?hours=1", "viewer")).json());
    expect(overview.routes.map(({ route }) => route)).toContain(ROUTE);
    // Cohorts on the lists are customers.
    expect(overview.routes[0]?.rollout.include).toEqual(["[masked 1]"]);
    const detail = RouteDetail.parse((await call("GET", `/api/routes/${ROUTE}`, "operator")).json());
    expect(detail.summary.rollout.include).toEqual([ON_ORDER]);
  });

  it("changes a rollout once: the second, who saw the same version, is told which there is now", async () => {
    const { summary } = RouteDetail.parse((await call("GET", `/api/routes/${ROUTE}`, "viewer")).json());
    const { version } = summary.rollout;
    const change = { change: { percentage: 25 }, version, reason: "a quarter" };
    const put = () => call("PUT", `/api/routes/${ROUTE}/rollout`, "operator", change);
    expect((await put()).json()).toMatchObject({ stage: "split", percentage: 25, version: version + 1 });
    const second = await put();
    expect([second.status, second.json()]).toMatchObject([409, { code: "ROLLOUT_CHANGED", version: version + 1 }]);
    const audit = await call("GET", `/api/routes/${ROUTE}/audit?limit=1`, "viewer");
    expect(audit.json()).toMatchObject({
      entries: [{ kind: "rollout", by: "operator@crossfade.example", reason: "a quarter" }],
    });
  });

  it("pauses a route and resumes it, and says so where that makes no sense", async () => {
    const stop = (what: string) =>
      call("POST", `/api/routes/${ROUTE}/rollout/${what}`, "operator", { reason: "a smell" });
    expect((await stop("pause")).json()).toMatchObject({ stage: "legacy", percentage: 0 });
    expect(await stop("pause")).toMatchObject({ status: 409 });
    expect((await stop("resume")).json()).toMatchObject({ stage: "split", percentage: 25 });
  });

  it("sets the guard, shows it, and takes it off", async () => {
    const { summary } = RouteDetail.parse((await call("GET", `/api/routes/${ROUTE}`, "viewer")).json());
    const policy = { ramp: [{ stage: "split", percentage: 50 }] };
    const given = { policy, version: summary.rollout.version, reason: "slowly" };
    expect(await call("PUT", `/api/routes/${ROUTE}/guard`, "operator", given)).toMatchObject({ status: 200 });
    expect((await call("GET", `/api/routes/${ROUTE}/guard`, "viewer")).json()).toMatchObject({
      guard: { reason: "slowly", by: "operator@crossfade.example" },
    });
    const off = () => call("DELETE", `/api/routes/${ROUTE}/guard`, "operator", { reason: "by hand" });
    expect((await off()).json()).toEqual({});
    expect(await off()).toMatchObject({ status: 404 });
  });

  it("refuses a place in a list that it never gave", async () => {
    for (const list of ["audit", "verdicts"]) {
      const answer = await call("GET", `/api/routes/${ROUTE}/${list}?after=nowhere`, "viewer");
      expect([answer.status, answer.json()], list).toMatchObject([400, { code: "PLACE_UNKNOWN" }]);
    }
  });

  it("tells a request's story, with a customer's data for operators alone", async () => {
    const requestId = randomUUID();
    const message = refresh({ requestId, customerId: ON_ORDER });
    expect(await world.ingest([delivery(world.legacy.refreshes.queueArn, JSON.stringify(message))])).toEqual([]);
    const asked = async (as: LocalRole) => {
      const answer = await call("GET", `/api/requests/${requestId}`, as);
      return RequestStories.parse(answer.json()).stories;
    };
    const [story] = await asked("operator");
    expect(story).toMatchObject({
      route: ROUTE,
      requestId,
      claim: { path: "order" },
      personal: { cohortKey: ON_ORDER },
    });
    expect(JSON.stringify(await asked("viewer"))).not.toContain(ON_ORDER);
    const byQuery = await call("GET", `/api/requests?id=${encodeURIComponent(requestId)}`, "viewer");
    expect(RequestStories.parse(byQuery.json()).stories).toHaveLength(1);
    expect((await call("GET", "/api/requests/nobodys", "viewer")).json()).toMatchObject({ stories: [] });
  });

  it("shows a dead letter, and sends it back to where it came from, once", async () => {
    const { "registrations-forward": registrations } = world.bridge.deployed.deadLetters;
    const body = JSON.stringify(refresh());
    const group = { MessageGroupId: "g", MessageDeduplicationId: randomUUID() };
    const sent = { QueueUrl: registrations?.queueUrl ?? "", MessageBody: body, ...group };
    const { MessageId = "" } = await world.sqs.send(new SendMessageCommand(sent));
    const page = await eventually("the letter to be seen", async () => {
      const answer = await call("GET", "/api/dead-letters/registrations-forward", "operator");
      return JSON.stringify(answer.json()).includes(MessageId) ? answer : undefined;
    });
    expect(page.json()).toMatchObject({ messages: [{ messageId: MessageId, body }] });
    const redrive = { messageIds: [MessageId], reason: "mended" };
    const moved = await eventually("the letter to be free again", async () => {
      const answer = await call("POST", "/api/dead-letters/registrations-forward/redrive", "operator", redrive);
      return z.object({ moved: z.number() }).parse(answer.json()).moved === 1 ? answer : undefined;
    });
    expect(moved.json()).toMatchObject({
      queue: "registrations-forward",
      moved: 1,
      failed: [],
      uncertain: [],
      done: true,
    });
    expect(await call("GET", "/api/dead-letters/none", "viewer")).toMatchObject({ status: 404 });
  });

  it("is the same that the embedded cloud serves", async () => {
    const ask = async (path: string) => {
      const headers = { Authorization: `Bearer ${await dashboard.issuer.issue("operator")}` };
      const answer = await fetch(`${dashboard.origin}${path}`, { headers });
      return { status: answer.status, json: await answer.json() };
    };
    for (const path of [`/api/routes/${ROUTE}/audit`, `/api/routes/${ROUTE}/guard`, "/api/me", "/openapi.json"]) {
      const { status, json } = await call("GET", path, "operator").then((answer) => ({
        status: answer.status,
        json: answer.json(),
      }));
      const timeless = (value: unknown) => JSON.stringify(value).replace(/"at":\d+/, "");
      expect([status, timeless(json)], path).toEqual(
        await ask(path).then((local) => [local.status, timeless(local.json)]),
      );
    }
  });
});
