import * as z from "zod";
import { isStandIn, standInArn, subscribedFunction, withFunctions } from "./endpoints.ts";
import { snsError } from "./refusal.ts";
import { type App, type Deliver, StandIns } from "./stand-ins.ts";

const Form = z.record(z.string(), z.string());
const QueueList = z.looseObject({ QueueUrls: z.array(z.string()).optional() });
const PUBLISHES = new Set(["Publish", "PublishBatch"]);

/**
 * Adds subscriptions with Protocol "lambda" to fauxqs, by what its server allows to be added: a look at each request
 * before and at each answer after. A publication is answered once every function that is to have it has it in its
 * queue of asynchronous invocations, which tries again what fails.
 */
export function addLambdaSubscriptions(app: App, options: { region: string; deliver: Deliver }): void {
  const { region } = options;
  const standIns = new StandIns(app, options.deliver);

  app.addHook("preHandler", async (request, reply) => {
    const form = snsForm(request);
    const refusal = form && (await refusalOf(app, form, region));
    if (refusal) return reply.code(400).header("content-type", "text/xml").send(snsError("InvalidParameter", refusal));
    if (form?.["Action"] !== "Subscribe" || form["Protocol"] !== "lambda") return;
    const functionName = subscribedFunction(form["Endpoint"] ?? "", region);
    if (functionName === undefined) return;
    await standIns.add(functionName);
    request.body = { ...form, Protocol: "sqs", Endpoint: standInArn(functionName, region) };
  });

  app.addHook("onSend", async (request, _reply, payload) => {
    if (typeof payload !== "string") return payload;
    if (String(request.headers["x-amz-target"]).endsWith(".ListQueues")) return withoutStandIns(payload);
    const form = snsForm(request);
    if (form === undefined) return payload;
    if (PUBLISHES.has(form["Action"] ?? "")) await standIns.empty();
    return withFunctions(payload);
  });
}

function snsForm(request: { readonly url: string; readonly headers: object; readonly body: unknown }) {
  const headers = z.object({ "content-type": z.string().startsWith("application/x-www-form-urlencoded") });
  if (request.url !== "/" || !headers.safeParse(request.headers).success) return undefined;
  return Form.safeParse(request.body).data;
}

type SnsForm = z.infer<typeof Form>;

/** Why AWS would refuse the request where fauxqs does not. */
async function refusalOf(app: App, form: SnsForm, region: string): Promise<string | undefined> {
  if (form["Action"] === "SetSubscriptionAttributes") {
    const isRaw = form["AttributeName"] === "RawMessageDelivery" && form["AttributeValue"] === "true";
    if (isRaw && (await isOfFunction(app, form["SubscriptionArn"] ?? ""))) return NO_RAW;
  }
  if (form["Action"] !== "Subscribe" || form["Protocol"] !== "lambda") return undefined;
  if (subscribedFunction(form["Endpoint"] ?? "", region) === undefined) {
    return "Endpoint must be the ARN of a function of this account and region, without a version";
  }
  if (form["TopicArn"]?.endsWith(".fifo")) return "A FIFO topic delivers to queues only";
  return attributeOf(form, "RawMessageDelivery") === "true" ? NO_RAW : undefined;
}

const NO_RAW = "Attributes Reason: RawMessageDelivery is not for the protocol lambda";

function attributeOf(form: SnsForm, name: string): string | undefined {
  const [key] = Object.entries(form).find(([key, value]) => key.endsWith(".key") && value === name) ?? [];
  return key && form[key.replace(/key$/, "value")];
}

async function isOfFunction(app: App, SubscriptionArn: string): Promise<boolean> {
  const { body } = await app.inject({
    ...{ method: "POST", url: "/", headers: { "content-type": "application/x-www-form-urlencoded" } },
    payload: new URLSearchParams({ Action: "GetSubscriptionAttributes", SubscriptionArn }).toString(),
  });
  return body.includes("<key>Protocol</key><value>lambda</value>");
}

function withoutStandIns(payload: string): string {
  const { QueueUrls = [], ...rest } = QueueList.parse(JSON.parse(payload));
  return JSON.stringify({ ...rest, QueueUrls: QueueUrls.filter((url) => !isStandIn(url)) });
}
