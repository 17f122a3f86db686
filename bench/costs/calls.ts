import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import { isRefresh, unitsOf } from "./dynamodb-units.ts";
import type { Call } from "./tally.ts";

/** One exchange between an SDK client and a server. */
export interface Exchange {
  readonly service: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

const text = (header: string | string[] | undefined): string => String(header ?? "");

/** The SDK tells the application's id, which each function is given in its environment; Powertools adds its own. */
const callerOf = (headers: IncomingHttpHeaders): string =>
  /\bapp\/([\w-]+?)(?=-PT-| |$)/.exec(text(headers["user-agent"]))?.[1] ?? "nobody";

/** JSON services name the action in a header, SNS in the form that is its body; S3 and Lambda have the method alone. */
export function actionOf({ headers, method, body }: Pick<Exchange, "headers" | "method" | "body">): string {
  const [, target] = text(headers["x-amz-target"]).split(".");
  return target ?? new URLSearchParams(body).get("Action") ?? method;
}

const Batch = z.object({
  QueueUrl: z.string(),
  Entries: z.array(z.object({ MessageBody: z.string() })),
});

function sentBy(service: string, action: string, body: string): Pick<Call, "sent"> {
  if (service !== "sqs" || action !== "SendMessageBatch") return {};
  const { QueueUrl, Entries } = Batch.parse(JSON.parse(body));
  const bytes = Entries.map(({ MessageBody }) => Buffer.byteLength(MessageBody));
  return { sent: { fifo: QueueUrl.endsWith(".fifo"), bytes } };
}

/** What an exchange was, as far as anybody pays for it. */
export function callOf(exchange: Exchange): Call {
  const { service, headers, body, status, answer } = exchange;
  const action = actionOf(exchange);
  const failed = status >= 300;
  const inDynamoDb = service === "dynamodb" && !failed;
  return {
    ...{ caller: callerOf(headers), service, action, failed },
    ...(inDynamoDb ? unitsOf(action, answer) : { writeUnits: 0, readUnits: 0 }),
    refresh: service === "dynamodb" && isRefresh(action, body),
    ...sentBy(service, action, body),
  };
}
