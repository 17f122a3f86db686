import type { buildApp } from "fauxqs";
import * as z from "zod";
import { ACCOUNT_ID } from "../contract.ts";
import { standInName } from "./endpoints.ts";
import { toLambdaEvent } from "./notification.ts";

export type App = ReturnType<typeof buildApp>;
/** Hands an event over for a function's asynchronous invocation. */
export type Deliver = (functionName: string, event: unknown) => void;

const Received = z.object({ Messages: z.array(z.object({ Body: z.string(), ReceiptHandle: z.string() })).default([]) });

/** The queues that stand for functions. */
export class StandIns {
  readonly #app: App;
  readonly #deliver: Deliver;
  readonly #functionNames = new Set<string>();

  constructor(app: App, deliver: Deliver) {
    this.#app = app;
    this.#deliver = deliver;
  }

  async add(functionName: string): Promise<void> {
    await this.#call("CreateQueue", { QueueName: standInName(functionName) });
    this.#functionNames.add(functionName);
  }

  /** Takes what a publication has left in them to their functions: ten messages at most, as many as one receive gives. */
  async empty(): Promise<void> {
    await Promise.all([...this.#functionNames].map((functionName) => this.#takeFrom(functionName)));
  }

  async #takeFrom(functionName: string): Promise<void> {
    const QueueUrl = `http://local/${ACCOUNT_ID}/${standInName(functionName)}`;
    const { Messages } = Received.parse(await this.#call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body, ReceiptHandle } of Messages) {
      this.#deliver(functionName, toLambdaEvent(Body));
      await this.#call("DeleteMessage", { QueueUrl, ReceiptHandle });
    }
  }

  async #call(action: string, payload: object): Promise<unknown> {
    const { statusCode, body } = await this.#app.inject({
      ...{ method: "POST", url: "/", payload: JSON.stringify(payload) },
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
    });
    if (statusCode !== 200) throw new Error(`${action} of a queue for a function failed: ${body}`);
    return body === "" ? {} : JSON.parse(body);
  }
}
