import {
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import type { Handler } from "@crossfade/local";
import * as z from "zod";
import { eventually } from "../support/eventually.ts";
import { type Deed, isAnswer, OUTCOMES, REFUSAL, type Script, throwIfTold, thrownBy } from "./deeds.ts";

const Ordered = z.looseObject({ orderId: z.string() });
/** The final Lambda is given the whole order, everybody else its id. */
const Asked = z.union([Ordered, z.looseObject({ order: Ordered }).transform(({ order }) => order)]);
const Task = z.looseObject({ orderId: z.string(), step: z.looseObject({ name: z.string() }).default({ name: "do" }) });

/** Everybody whom the machines ask, acting by the scripts of the orders. */
export class Actors {
  readonly #sfn: SFNClient;
  readonly #scripts = new Map<string, Script>();
  readonly #asked = new Map<string, number>();
  readonly #released = Promise.withResolvers<void>();

  constructor(sfn: SFNClient) {
    this.#sfn = sfn;
  }

  follow(orderId: string, script: Script): void {
    this.#scripts.set(orderId, script);
  }

  /** Lets silent functions end. */
  release(): void {
    this.#released.resolve();
  }

  #deed(orderId: string, who: string): Deed {
    const deeds = this.#scripts.get(orderId)?.[who] ?? [];
    const key = `${orderId} ${who}`;
    const count = this.#asked.get(key) ?? 0;
    this.#asked.set(key, count + 1);
    return deeds[count] ?? deeds.at(-1) ?? "done";
  }

  /** A Lambda function; `who` may be read from what it is asked. */
  lambda(who: string | ((event: unknown) => string), returns: (deed: Deed, event: unknown) => unknown): Handler {
    return async (event) => {
      const deed = this.#deed(Asked.parse(event).orderId, typeof who === "string" ? who : who(event));
      throwIfTold(deed);
      if (deed === "silent") await this.#released.promise;
      return returns(deed, event);
    };
  }

  check = (name: string): Handler => this.lambda(name, (deed) => (deed === "refused" ? { Error: REFUSAL } : {}));

  /** Answers a request for approval, if it does, by its token. */
  async approve(request: unknown): Promise<void> {
    const { orderId, token } = z.looseObject({ orderId: z.string(), token: z.string() }).parse(request);
    const deed = this.#deed(orderId, "approval");
    if (deed === "silent") return;
    await this.#succeed(token, { approved: deed === "done", by: "Aino", reason: "because" });
  }

  /** The function that hands work to the legacy service, and the service. */
  delegate: Handler = async (event) => {
    const { orderId, token } = z.looseObject({ orderId: z.string(), token: z.string() }).parse(event);
    const deed = this.#deed(orderId, "delegate");
    throwIfTold(deed);
    await this.#work(token, deed);
    return {};
  };

  /** Pulls tasks of an activity until it is told to stop; a slow one does not keep it from the next. */
  async pull(activityArn: string, signal: AbortSignal): Promise<void> {
    const works: Promise<void>[] = [];
    while (!signal.aborted) {
      const poll = this.#sfn.send(new GetActivityTaskCommand({ activityArn }), { abortSignal: signal });
      const { taskToken, input } = await poll.catch((error: unknown) => {
        if (signal.aborted) return { taskToken: undefined, input: undefined };
        throw error;
      });
      if (!taskToken || input === undefined) continue;
      const { orderId, step } = Task.parse(JSON.parse(input));
      works.push(this.#work(taskToken, this.#deed(orderId, step.name)));
    }
    await Promise.all(works);
  }

  async #work(taskToken: string, deed: Deed): Promise<void> {
    if (isAnswer(deed)) return this.#succeed(taskToken, OUTCOMES[deed]);
    if (deed === "slow") await eventually("the task to be given up", () => this.#isGivenUp(taskToken));
    const error = thrownBy(deed);
    if (error === undefined) return;
    await this.#sfn.send(new SendTaskFailureCommand({ taskToken, error, cause: "broken" }));
  }

  async #isGivenUp(taskToken: string): Promise<true | undefined> {
    try {
      await this.#sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
      return undefined;
    } catch (error) {
      if (error instanceof TaskTimedOut) return true;
      throw error;
    }
  }

  async #succeed(taskToken: string, output: unknown): Promise<void> {
    await this.#sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  }
}
