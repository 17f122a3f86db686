import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { StepFunctionsOptions } from "../../contract.ts";
import { StateFailure } from "../failure.ts";
import type { Pattern } from "../language/resource.ts";
import type { Executions } from "../store/executions.ts";
import { describeExecution } from "./describe-execution.ts";
import { dynamodbIntegrations } from "./dynamodb.ts";
import type { Integration } from "./integration.ts";
import { lambdaInvoke } from "./lambda.ts";
import { snsPublish } from "./sns.ts";
import { sqsSendMessage } from "./sqs.ts";
import { startExecution } from "./start-execution.ts";

interface Named {
  readonly service: string;
  readonly action: string;
  readonly pattern: Pattern;
}

/** The service integrations that this server carries; those of a server it was not given are absent. */
export class Integrations {
  readonly #byName: ReadonlyMap<string, Integration>;
  readonly #closers: readonly (() => void)[];

  constructor(options: StepFunctionsOptions, region: string, executions: () => Executions) {
    const byName = new Map<string, Integration>([
      ["lambda:invoke", lambdaInvoke(options.functions)],
      ["states:startExecution", startExecution(executions)],
      ["aws-sdk:sfn:describeExecution", describeExecution(executions)],
    ]);
    const closers: (() => void)[] = [];
    // The servers of the embedded cloud accept any credentials.
    const config = { region, credentials: { accessKeyId: "local", secretAccessKey: "local" } };
    const { sqs, sns, dynamodb } = options.endpoints;
    if (sqs !== undefined) {
      const client = new SQSClient({ ...config, endpoint: sqs, useQueueUrlAsEndpoint: false });
      byName.set("sqs:sendMessage", sqsSendMessage(client));
      closers.push(() => client.destroy());
    }
    if (sns !== undefined) {
      const client = new SNSClient({ ...config, endpoint: sns });
      byName.set("sns:publish", snsPublish(client));
      closers.push(() => client.destroy());
    }
    if (dynamodb !== undefined) {
      const client = new DynamoDBClient({ ...config, endpoint: dynamodb });
      for (const [action, each] of Object.entries(dynamodbIntegrations(client))) byName.set(`dynamodb:${action}`, each);
      closers.push(() => client.destroy());
    }
    this.#byName = byName;
    this.#closers = closers;
  }

  find({ service, action, pattern }: Named): Integration | undefined {
    const integration = this.#byName.get(`${service}:${action}`);
    return integration?.patterns.includes(pattern) ? integration : undefined;
  }

  /** For a definition that was accepted at creation. */
  get(named: Named): Integration {
    const integration = this.find(named);
    if (integration === undefined) {
      throw new StateFailure("States.Runtime", `not supported by the local cloud: ${named.service}:${named.action}`);
    }
    return integration;
  }

  close(): void {
    for (const close of this.#closers) close();
  }
}
