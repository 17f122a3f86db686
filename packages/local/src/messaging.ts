import { buildApp } from "fauxqs";
import type { RunningServer } from "./contract.ts";
import { addLambdaSubscriptions } from "./messaging/lambda-subscriptions.ts";
import type { Deliver } from "./messaging/stand-ins.ts";

const ANSWERS_WITH_QUEUE_URL = /\.(CreateQueue|GetQueueUrl|ListQueues|ListDeadLetterSourceQueues)$/;

/**
 * SNS, SQS, S3 and STS's GetCallerIdentity in this process, on the loopback interface only, under one endpoint.
 *
 * fauxqs names queues by a host under .localhost, which not every resolver knows and which the SDK would connect to in
 * place of AWS_ENDPOINT_URL_SQS. The answers are therefore rewritten to this server's own address.
 */
export async function startMessaging(options: {
  readonly region: string;
  readonly port?: number;
  /** Takes what topics have for functions. */
  readonly deliver: Deliver;
}): Promise<RunningServer> {
  const app = buildApp({ logger: false, defaultRegion: options.region });
  let endpoint = "";
  app.addHook("onSend", (request, _reply, payload, done) => {
    const action = request.headers["x-amz-target"];
    const named = typeof action === "string" && ANSWERS_WITH_QUEUE_URL.test(action);
    if (!named || typeof payload !== "string") return done(null, payload);
    return done(null, payload.replaceAll(/http:\/\/sqs\.[a-z0-9-]+\.localhost:\d+/g, endpoint));
  });
  addLambdaSubscriptions(app, options);
  endpoint = await app.listen({ port: options.port ?? 0, host: "127.0.0.1" });
  return { endpoint, close: () => app.close() };
}
