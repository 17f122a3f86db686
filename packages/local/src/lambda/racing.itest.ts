import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  CreateEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOptions } from "../clients.ts";
import { MappingRegistry } from "../mappings/registry.ts";
import { until } from "../mappings/testing.ts";
import { AsyncInvocations } from "./async-invocations.ts";
import { type LambdaTests, startLambdaTests } from "./fixture.ts";
import { startLambda } from "./server.ts";

let on: LambdaTests;
beforeAll(async () => {
  on = await startLambdaTests();
  on.cloud.functions.register("f", async () => null);
});
afterAll(() => on.close());

/** A second server, in which no look at a queue's attributes ends before two have begun. */
async function startPaired(transitionMs = 0) {
  const { region, functions, endpoints } = on.cloud;
  const sqs = new SQSClient(clientOptions(endpoints.sqs, region));
  const streams = new DynamoDBStreamsClient(clientOptions(endpoints.dynamodb, region));
  const { promise: both, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === "GetQueueAttributesCommand" && ++looks === 2) resolve();
        if (commandName === "GetQueueAttributesCommand") await both;
        return next(args);
      },
    { step: "initialize" },
  );
  const mappings = new MappingRegistry({ sqs, streams, functions, transitionMs });
  const server = await startLambda({
    region,
    functions,
    mappings,
    sqs,
    streams,
    events: new AsyncInvocations(functions),
  });
  const lambda = new LambdaClient(clientOptions(server.endpoint, region));
  return {
    ...{ lambda, mappings },
    looks: () => looks,
    async close() {
      await server.close();
      await mappings.close();
      for (const client of [lambda, sqs, streams]) client.destroy();
    },
  };
}

test("of two requests for the same mapping at the same time one is refused", async () => {
  const { queueArn } = await on.createQueue("racing");
  const paired = await startPaired();
  const request = { EventSourceArn: queueArn, FunctionName: "f", Enabled: false };
  const answers = await Promise.allSettled(
    [1, 2].map(() => paired.lambda.send(new CreateEventSourceMappingCommand(request))),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect((await paired.lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings).toHaveLength(1);
  await paired.close();
});

test("of two updates at the same time the second finds the mapping in use", async () => {
  const paired = await startPaired(1000);
  const options = { ...(await on.createQueue("updated")), functionName: "f" };
  const { uuid: UUID } = paired.mappings.add({ kind: "queue", options }, false);
  const answers = await Promise.allSettled(
    [2, 3].map((BatchSize) => paired.lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize }))),
  );
  const refused = answers.filter((answer) => answer.status === "rejected").map(({ reason }) => reason.name);
  expect(refused).toEqual(["ResourceInUseException"]);
  await paired.close();
});

test("an update keeps what another has changed while it looked at the queue", async () => {
  const paired = await startPaired();
  const options = { ...(await on.createQueue("kept")), functionName: "f" };
  const mapping = paired.mappings.add({ kind: "queue", options }, false);
  const update = (input: object) =>
    paired.lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, ...input }));
  const late = update({ BatchSize: 3 });
  await until("it looks", () => paired.looks() === 1);
  mapping.change("Updating", { kind: "queue", options: { ...options, maximumConcurrency: 7 } }, false);
  await until("that change is over", () => mapping.isSettled);
  await Promise.all([late, update({ Enabled: false })]);
  await until("all is over", () => mapping.isSettled);
  expect(mapping.settings.options).toMatchObject({ batchSize: 3, maximumConcurrency: 7 });
  await paired.close();
});
