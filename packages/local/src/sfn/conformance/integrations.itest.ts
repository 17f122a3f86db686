import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendTaskFailureCommand, SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../dynamodb.ts";
import { END, errorOf, functionArn, machine, REGION, required, Service, Surroundings, unique } from "./harness.ts";

const surroundings = new Surroundings();
const closers: (() => Promise<unknown>)[] = [];
let service: Service;
let sqs: SQSClient;
let sns: SNSClient;
const table = "things";

beforeAll(async () => {
  const [messaging, dynamo] = await Promise.all([startFauxqs({ port: 0, logger: false }), startDynamoDb()]);
  closers.push(() => messaging.stop(), dynamo.close);
  const endpoint = `http://127.0.0.1:${messaging.port}`;
  const server = await surroundings.start({ sqs: endpoint, sns: endpoint, dynamodb: dynamo.endpoint });
  closers.unshift(() => server.close());
  service = new Service(server.endpoint);
  const config = { region: REGION, credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  sqs = new SQSClient({ ...config, endpoint, useQueueUrlAsEndpoint: false });
  sns = new SNSClient({ ...config, endpoint });
  const create = new CreateTableCommand({
    TableName: table,
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  await new DynamoDBClient({ ...config, endpoint: dynamo.endpoint }).send(create);
});
afterAll(async () => {
  for (const close of closers) await close();
});

const task = (name: string, Parameters: object, rest: object = {}) => ({
  Type: "Task",
  Resource: `arn:aws:states:::${name}`,
  Parameters,
  ...END,
  ...rest,
});
const queue = async (name = unique("queue"), Attributes: Record<string, string> = {}) =>
  required((await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))).QueueUrl);
const receive = async (QueueUrl: string) => {
  const options = { WaitTimeSeconds: 5, MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All" as const] };
  return required((await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...options }))).Messages?.[0]);
};
const answer = (taskToken: string) =>
  service.client.send(new SendTaskSuccessCommand({ taskToken, output: '"answered"' }));

describe.concurrent("Lambda", () => {
  test("Guide Lambda: a function's own ARN takes the input and gives the result", async () => {
    const Resource = surroundings.functions.register("double", async (event) => ({ twice: 2 * Object(event).n }));
    const definition = machine({ L: { Type: "Task", Resource, ResultPath: "$.r", ...END } });
    const executionArn = await service.start(await service.create(definition), { n: 4 });
    expect((await service.ended(executionArn)).output).toBe('{"n":4,"r":{"twice":8}}');
    expect((await service.eventTypes(executionArn)).slice(2, 5)).toEqual([
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
      "LambdaFunctionSucceeded",
    ]);
  });

  test("Guide lambda:invoke: the result stands in Payload", async () => {
    const FunctionName = surroundings.functions.register("echo", async (event) => event);
    const L = task("lambda:invoke", { FunctionName, "Payload.$": "$" });
    const output = await service.output(machine({ L }), { a: 1 });
    expect(output).toMatchObject({ ExecutedVersion: "$LATEST", Payload: { a: 1 }, StatusCode: 200 });
  });

  test("Guide Lambda: a failing function gives its error type, and its error as cause", async () => {
    const FunctionName = surroundings.functions.register("broken", async () => {
      throw new RangeError("too far");
    });
    const { error, cause } = await service.run(machine({ L: task("lambda:invoke", { FunctionName }) }));
    expect(error).toBe("RangeError");
    expect(JSON.parse(required(cause))).toMatchObject({ errorMessage: "too far", errorType: "RangeError", trace: [] });
  });

  test("Guide Lambda: no such function is Lambda.ResourceNotFoundException", async () => {
    const byInvoke = await service.run(machine({ L: task("lambda:invoke", { FunctionName: "absent" }) }));
    const byArn = await service.run(machine({ L: { Type: "Task", Resource: functionArn("absent"), ...END } }));
    expect([byInvoke.error, byArn.error]).toEqual(Array(2).fill("Lambda.ResourceNotFoundException"));
  });

  test("ASL Retry: only the errors that match are retried, with their own counts", async () => {
    const errors = ["A", "B", "A"];
    const FunctionName = surroundings.functions.register("flaky", async () => {
      const name = errors.shift();
      if (name !== undefined) throw Object.assign(new Error("no"), { name });
      return "at last";
    });
    const retry = (name: string, MaxAttempts: number) => ({
      ErrorEquals: [name],
      IntervalSeconds: 1,
      MaxAttempts,
      BackoffRate: 1,
    });
    const L = task(
      "lambda:invoke",
      { FunctionName },
      { Retry: [retry("A", 2), retry("B", 1)], OutputPath: "$.Payload" },
    );
    expect(await service.output(machine({ L }))).toBe("at last");
  });

  test("ASL TimeoutSeconds: a function that is too slow is States.Timeout", async () => {
    const Resource = surroundings.functions.register("never", () => new Promise(() => {}));
    const executionArn = await service.start(
      await service.create(machine({ L: { Type: "Task", Resource, TimeoutSeconds: 1, ...END } })),
    );
    expect((await service.ended(executionArn)).error).toBe("States.Timeout");
    expect(await service.eventTypes(executionArn)).toContain("LambdaFunctionTimedOut");
  });

  test("Guide: a result above 256 KiB is States.DataLimitExceeded", async () => {
    const Resource = surroundings.functions.register("large", async () => "x".repeat(262_144));
    const description = await service.run(machine({ L: { Type: "Task", Resource, ...END } }));
    expect(description.error).toBe("States.DataLimitExceeded");
  });

  test("Guide lambda:invoke.waitForTaskToken: the answer may come before the function returns", async () => {
    const FunctionName = surroundings.functions.register("quick", async (event) => answer(Object(event).token));
    const Payload = { "token.$": "$$.Task.Token" };
    const L = task("lambda:invoke.waitForTaskToken", { FunctionName, Payload });
    expect(await service.output(machine({ L }))).toBe("answered");
  });

  test("ASL HeartbeatSeconds: bounds the silence of a token", async () => {
    const FunctionName = surroundings.functions.register("silent", async () => null);
    const Payload = { "token.$": "$$.Task.Token" };
    const L = task("lambda:invoke.waitForTaskToken", { FunctionName, Payload }, { HeartbeatSeconds: 1 });
    expect((await service.run(machine({ L }))).error).toBe("States.HeartbeatTimeout");
  });
});

describe.concurrent("SQS and SNS", () => {
  test("Guide sqs:sendMessage: an object as MessageBody is sent as JSON, attributes go along", async () => {
    const QueueUrl = await queue();
    const MessageAttributes = { type: { DataType: "String", StringValue: "ORDER" } };
    const Parameters = { QueueUrl, MessageBody: { "n.$": "$.n" }, MessageAttributes };
    const output = await service.output(machine({ S: task("sqs:sendMessage", Parameters) }), { n: 1 });
    const message = await receive(QueueUrl);
    expect(output).toMatchObject({ MessageId: message.MessageId, MD5OfMessageBody: message.MD5OfBody });
    expect(message.Body).toBe('{"n":1}');
    expect(message.MessageAttributes?.["type"]).toMatchObject(MessageAttributes.type);
  });

  test("Guide sqs:sendMessage: group and deduplication id reach a FIFO queue", async () => {
    const QueueUrl = await queue(`${unique("q")}.fifo`, { FifoQueue: "true" });
    const Parameters = { QueueUrl, MessageBody: "text", MessageGroupId: "g", MessageDeduplicationId: "d" };
    await service.output(machine({ S: task("sqs:sendMessage", Parameters) }));
    const { Body, Attributes } = await receive(QueueUrl);
    expect(Body).toBe("text");
    expect(Attributes).toMatchObject({ MessageGroupId: "g", MessageDeduplicationId: "d" });
  });

  test("Guide sqs:sendMessage.waitForTaskToken: the answer is the result", async () => {
    const QueueUrl = await queue();
    const MessageBody = { "token.$": "$$.Task.Token" };
    const S = task("sqs:sendMessage.waitForTaskToken", { QueueUrl, MessageBody });
    const executionArn = await service.start(await service.create(machine({ S })));
    const { token } = JSON.parse(required((await receive(QueueUrl)).Body));
    await answer(token);
    expect((await service.ended(executionArn)).output).toBe('"answered"');
    const types = await service.eventTypes(executionArn);
    expect(types.slice(2, 6)).toEqual(["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]);
  });

  test("API SendTaskFailure: fails a token's task under the given error", async () => {
    const QueueUrl = await queue();
    const MessageBody = { "token.$": "$$.Task.Token" };
    const S = task("sqs:sendMessage.waitForTaskToken", { QueueUrl, MessageBody });
    const executionArn = await service.start(await service.create(machine({ S })));
    const { token: taskToken } = JSON.parse(required((await receive(QueueUrl)).Body));
    await service.client.send(new SendTaskFailureCommand({ taskToken, error: "Refused", cause: "by hand" }));
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Refused", cause: "by hand" });
  });

  test("Guide sqs:sendMessage: an absent queue is SQS.QueueDoesNotExistException", async () => {
    const absent = (await queue()).replace("queue-", "absent-");
    const definition = machine({ S: task("sqs:sendMessage", { QueueUrl: absent, MessageBody: "x" }) });
    expect((await service.run(definition)).error).toBe("SQS.QueueDoesNotExistException");
  });

  test("Guide sns:publish: an object as Message is published as JSON", async () => {
    const QueueUrl = await queue();
    const TopicArn = required((await sns.send(new CreateTopicCommand({ Name: unique("topic") }))).TopicArn);
    const Endpoint = `arn:aws:sqs:${REGION}:000000000000:${QueueUrl.split("/").at(-1)}`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    const output = await service.output(machine({ P: task("sns:publish", { TopicArn, Message: { a: 1 } }) }));
    const notification = JSON.parse(required((await receive(QueueUrl)).Body));
    expect(notification).toMatchObject({ TopicArn, Message: '{"a":1}', MessageId: Object(output).MessageId });
  });

  test("local cloud: an integration whose server was not given is refused by name", async () => {
    const bare = await new Surroundings().start();
    const S = task("sqs:sendMessage", { QueueUrl: "http://q", MessageBody: "x" });
    const error = await errorOf(new Service(bare.endpoint).create(machine({ S })));
    await bare.close();
    expect(error.message).toContain("not supported by the local cloud: Resource arn:aws:states:::sqs:sendMessage");
  });
});

describe.concurrent("DynamoDB", () => {
  test("Guide dynamodb: put, update, get and delete an item", async () => {
    const Key = { pk: { "S.$": "$.id" } };
    const definition = machine({
      Put: {
        ...task("dynamodb:putItem", { TableName: table, Item: { ...Key, n: { N: "1" } } }),
        End: undefined,
        ResultPath: null,
        Next: "Update",
      },
      Update: {
        ...task("dynamodb:updateItem", {
          TableName: table,
          Key,
          UpdateExpression: "SET #n = #n + :one",
          ExpressionAttributeNames: { "#n": "n" },
          ExpressionAttributeValues: { ":one": { N: "1" } },
          ReturnValues: "ALL_NEW",
        }),
        End: undefined,
        ResultPath: "$.updated",
        Next: "Get",
      },
      Get: {
        ...task("dynamodb:getItem", { TableName: table, Key }),
        End: undefined,
        ResultPath: "$.got",
        Next: "Delete",
      },
      Delete: task(
        "dynamodb:deleteItem",
        { TableName: table, Key, ReturnValues: "ALL_OLD" },
        { ResultPath: "$.deleted" },
      ),
    });
    const item = { n: { N: "2" } };
    expect(await service.output(definition, { id: unique() })).toMatchObject({
      updated: { Attributes: item },
      got: { Item: item },
      deleted: { Attributes: item },
    });
  });

  test("Guide dynamodb: a failed condition is DynamoDB.ConditionalCheckFailedException", async () => {
    const Parameters = { TableName: table, Item: { pk: { S: unique() } }, ConditionExpression: "attribute_exists(pk)" };
    const { error } = await service.run(machine({ P: task("dynamodb:putItem", Parameters) }));
    expect(error).toBe("DynamoDB.ConditionalCheckFailedException");
  });

  test("Guide dynamodb: an absent table is DynamoDB.ResourceNotFoundException", async () => {
    const Parameters = { TableName: "absent", Key: { pk: { S: "x" } } };
    const { error } = await service.run(machine({ G: task("dynamodb:getItem", Parameters) }));
    expect(error).toBe("DynamoDB.ResourceNotFoundException");
  });
});
