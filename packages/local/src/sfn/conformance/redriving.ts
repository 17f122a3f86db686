import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  type HistoryEvent,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { RunningServer } from "../../contract.ts";
import { type Definition, END, eventually, required, Service, Surroundings, unique } from "./harness.ts";
import { Repairable } from "./repairable.ts";

/** What the suites on redrive need of the service and of the functions around it. */
export class Redriving extends Service {
  readonly surroundings: Surroundings;
  readonly #server: RunningServer;

  constructor(surroundings: Surroundings, server: RunningServer) {
    super(server.endpoint);
    this.surroundings = surroundings;
    this.#server = server;
  }

  static async open(): Promise<Redriving> {
    const surroundings = new Surroundings();
    return new Redriving(surroundings, await surroundings.start());
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.#server.close();
  }

  repairable(answer?: (event: unknown) => unknown): Repairable {
    return new Repairable(this.surroundings.functions, answer);
  }

  /** Creates, starts and waits for a failure. */
  async failed(definition: Definition, input: unknown = {}): Promise<string> {
    const executionArn = await this.start(await this.create(definition), input);
    const { status } = await this.ended(executionArn);
    if (status !== "FAILED") throw new Error(`the execution should have failed, but is ${status}`);
    return executionArn;
  }

  /** Redrives, waits, and gives the output, parsed. */
  async redriven(executionArn: string): Promise<unknown> {
    await this.redrive(executionArn);
    return JSON.parse(required((await this.ended(executionArn)).output));
  }

  /** Waits until the history has that many events of the type. */
  async recorded(executionArn: string, type: string, times = 1): Promise<void> {
    await eventually(async () => (count(await this.history(executionArn), type) === times ? true : undefined));
  }

  async stop(executionArn: string): Promise<void> {
    await this.client.send(new StopExecutionCommand({ executionArn }));
  }

  async createActivity(): Promise<string> {
    return required((await this.client.send(new CreateActivityCommand({ name: unique() }))).activityArn);
  }

  poll(activityArn: string) {
    return this.client.send(new GetActivityTaskCommand({ activityArn }));
  }

  succeed(taskToken: string | undefined, output: unknown) {
    return this.client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  }
}

export const task = (Resource: string, rest: object = END) => ({ Type: "Task", Resource, ...rest });

export const count = (events: readonly HistoryEvent[], type: string) =>
  events.filter((event) => event.type === type).length;
