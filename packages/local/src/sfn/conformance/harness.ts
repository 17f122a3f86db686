import { randomUUID } from "node:crypto";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  RedriveExecutionCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { CloudEvent, FunctionHost, Handler, RunningServer } from "../../contract.ts";
import { startStepFunctions } from "../server.ts";

export const ROLE = "arn:aws:iam::000000000000:role/conformance";
export const REGION = "eu-west-1";
const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** How long a condition may take to come true, in milliseconds. */
const DEADLINE_MS = 60_000;

/** A definition, as loosely typed as the text it becomes: wrong ones are part of the suite. */
export type Definition = Readonly<Record<string, unknown>>;

/** The states of a machine: the first is where it starts. */
export function machine(states: Readonly<Record<string, unknown>>, rest: Definition = {}): Definition {
  return { StartAt: Object.keys(states)[0], States: states, ...rest };
}

export const END = { End: true } as const;

/** A unique name: the suite may run against a server that remembers. */
export const unique = (prefix = "c") => `${prefix}-${randomUUID()}`;

/** What a test needs of the service, through the SDK only. */
export class Service {
  readonly client: SFNClient;
  readonly #config: SFNClientConfig;

  constructor(endpoint: string) {
    this.#config = { endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
    this.client = new SFNClient(this.#config);
  }

  /** For actions whose host the SDK would prefix. */
  withoutHostPrefix(): SFNClient {
    return new SFNClient({ ...this.#config, disableHostPrefix: true });
  }

  async create(definition: Definition, name = unique("machine")): Promise<string> {
    const command = new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn: ROLE });
    return required((await this.client.send(command)).stateMachineArn);
  }

  async start(stateMachineArn: string, input: unknown = {}, name = unique("execution")): Promise<string> {
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    return required((await this.client.send(command)).executionArn);
  }

  describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return this.client.send(new DescribeExecutionCommand({ executionArn }));
  }

  async ended(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return eventually(async () => {
      const description = await this.describe(executionArn);
      return description.status === "RUNNING" ? undefined : description;
    });
  }

  /** Gives the date of the redrive. */
  async redrive(executionArn: string, clientToken?: string): Promise<Date> {
    const command = new RedriveExecutionCommand({ executionArn, ...(clientToken !== undefined && { clientToken }) });
    return required((await this.client.send(command)).redriveDate);
  }

  /** Creates, starts and waits. */
  async run(definition: Definition, input: unknown = {}): Promise<DescribeExecutionCommandOutput> {
    return this.ended(await this.start(await this.create(definition), input));
  }

  /** The output of an execution that must succeed, parsed. */
  async output(definition: Definition, input: unknown = {}): Promise<unknown> {
    const description = await this.run(definition, input);
    if (description.status !== "SUCCEEDED") {
      throw new Error(`${description.status}: ${description.error}: ${description.cause}`);
    }
    return JSON.parse(required(description.output));
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const command = new GetExecutionHistoryCommand({ executionArn, ...(nextToken && { nextToken }) });
      const page = await this.client.send(command);
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  async eventTypes(executionArn: string): Promise<string[]> {
    return (await this.history(executionArn)).map(({ type }) => required(type));
  }
}

/** Polls a condition until it gives something, within a deadline. */
export async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let wait = 5; Date.now() < deadline; wait = Math.min(wait * 2, 200)) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  throw new Error(`the condition did not come true within ${DEADLINE_MS} ms`);
}

export function required<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error("a value that the service must give is missing");
  return value;
}

/** The name of the error that a call is refused with. */
export async function errorOf(call: Promise<unknown>): Promise<{ readonly name: string; readonly message: string }> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("the call was not refused");
  return { name: outcome.name, message: outcome.message };
}

/** The functions of a test server, and every event it published. */
export class Surroundings {
  readonly events: CloudEvent[] = [];
  readonly #handlers = new Map<string, Handler>();

  readonly functions: FunctionHost = {
    register: (name, handler) => {
      this.#handlers.set(name, handler);
      return functionArn(name);
    },
    has: (nameOrArn) => this.#handlers.has(shortName(nameOrArn)),
    invoke: async (nameOrArn, payload) => {
      const handler = this.#handlers.get(shortName(nameOrArn));
      if (handler === undefined) throw new Error(`there is no function ${nameOrArn}`);
      try {
        return { kind: "returned", payload: await handler(payload, NO_CONTEXT) };
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        return { kind: "failed", errorType: name, errorMessage: message, trace: [] };
      }
    },
  };

  start(endpoints: { sqs?: string; sns?: string; dynamodb?: string } = {}): Promise<RunningServer> {
    const events = { publish: (event: CloudEvent) => void this.events.push(event) };
    return startStepFunctions({ functions: this.functions, events, endpoints, region: REGION });
  }
}

export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:000000000000:function:${name}`;
const shortName = (nameOrArn: string) => nameOrArn.split(":").at(-1) ?? nameOrArn;

const NO_CONTEXT = {
  functionName: "conformance",
  functionVersion: "$LATEST",
  invokedFunctionArn: functionArn("conformance"),
  memoryLimitInMB: "128",
  awsRequestId: "conformance",
  logGroupName: "conformance",
  logStreamName: "conformance",
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 1000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** The server under test: AWS_ENDPOINT_URL_SFN if set, else our own. */
export async function openService(): Promise<{ service: Service; close: () => Promise<void> }> {
  const given = process.env["AWS_ENDPOINT_URL_SFN"];
  if (given !== undefined) return { service: new Service(given), close: async () => {} };
  const server = await new Surroundings().start();
  const service = new Service(server.endpoint);
  return {
    service,
    close: async () => {
      service.client.destroy();
      await server.close();
    },
  };
}
