import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { SnsSubscriptions } from "./sns-subscriptions.ts";

const TOPIC = "arn:aws:sns:eu-west-1:000000000000:topic";
const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:queue";
const member = (arn: string, endpoint: string) =>
  `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>sqs</Protocol><Endpoint>${endpoint}</Endpoint></member>`;

/** SNS, as far as it is asked here; what is not known to it is not found. */
let pages: Record<string, { readonly members: string; readonly next?: string }> = {};
let attributes: Record<string, string> = {};
let failure = { status: 404, code: "NotFound" };
let asked: string[] = [];

let server: Server;
let client: SNSClient;
let subscriptions: SnsSubscriptions;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const action = form.get("Action") ?? "";
    asked.push(action);
    const page = pages[form.get("NextToken") ?? ""];
    const filter = attributes[form.get("SubscriptionArn") ?? ""];
    response.setHeader("content-type", "text/xml");
    const result =
      action === "ListSubscriptionsByTopic"
        ? page &&
          `<Subscriptions>${page.members}</Subscriptions>${page.next ? `<NextToken>${page.next}</NextToken>` : ""}`
        : filter && `<Attributes><entry><key>FilterPolicy</key><value>${filter}</value></entry></Attributes>`;
    if (result === undefined) {
      response.statusCode = failure.status;
      response.end(`<ErrorResponse><Error><Type>Sender</Type><Code>${failure.code}</Code></Error></ErrorResponse>`);
    } else response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new SNSClient({ endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials, maxAttempts: 1 });
  subscriptions = new SnsSubscriptions(client);
});
afterAll(() => {
  client.destroy();
  server.close();
});
beforeEach(() => {
  pages = {};
  attributes = {};
  asked = [];
  failure = { status: 404, code: "NotFound" };
});

it("finds a subscription on a later page, by its endpoint or by its ARN, with its attributes", async () => {
  pages = {
    "": { members: member(`${TOPIC}:1`, "other"), next: "2" },
    "2": { members: `${member(`${TOPIC}:2`, QUEUE)}${member(`${TOPIC}:3`, "third")}` },
  };
  attributes = { [`${TOPIC}:1`]: "{1}", [`${TOPIC}:2`]: "{2}", [`${TOPIC}:3`]: "{3}" };
  const found = { arn: `${TOPIC}:2`, protocol: "sqs", endpoint: QUEUE, attributes: { FilterPolicy: "{2}" } };
  expect(await subscriptions.find(TOPIC, { endpoint: QUEUE })).toEqual([found]);
  expect(await subscriptions.find(TOPIC, { arn: found.arn })).toEqual([found]);
  expect(asked.filter((action) => action === "GetSubscriptionAttributes")).toHaveLength(2);
});

it("tells a topic that is not there from one without that subscription", async () => {
  expect(await subscriptions.find(TOPIC, { endpoint: QUEUE })).toBeUndefined();
  pages = { "": { members: "" } };
  expect(await subscriptions.find(TOPIC, { endpoint: QUEUE })).toEqual([]);
});

it("takes neither one that waits for its confirmation, nor one that has ended since it was listed", async () => {
  pages = { "": { members: `${member("PendingConfirmation", QUEUE)}${member(`${TOPIC}:2`, QUEUE)}` } };
  expect(await subscriptions.find(TOPIC, { endpoint: QUEUE })).toEqual([]);
});

it("ends what has ended already without an error, and lets no other error pass", async () => {
  const end = { service: "sns", action: "Unsubscribe", input: { SubscriptionArn: `${TOPIC}:2` } } as const;
  await subscriptions.perform(end);
  failure = { status: 403, code: "AuthorizationError" };
  await expect(subscriptions.perform(end)).rejects.toThrow();
  await expect(subscriptions.find(TOPIC, { endpoint: QUEUE })).rejects.toThrow();
});
