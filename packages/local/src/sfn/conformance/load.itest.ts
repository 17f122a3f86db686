import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { END, machine, openService, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
beforeAll(async () => ({ service, close } = await openService()));
afterAll(() => close());

test("200 executions with a Map of ten nested children each, whose activity four workers poll, all finish", async () => {
  const activity = await service.client.send(new CreateActivityCommand({ name: unique("activity") }));
  const activityArn = required(activity.activityArn);
  const child = await service.create(
    machine({ Work: { Type: "Task", Resource: activityArn, TimeoutSeconds: 100, HeartbeatSeconds: 60, ...END } }),
  );
  const nested = {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: { StateMachineArn: child, "Input.$": "$" },
    OutputPath: "$.Output.doubled",
    ...END,
  };
  const parent = await service.create(
    machine({ Each: { Type: "Map", ItemsPath: "$.items", ItemProcessor: machine({ Nested: nested }), ...END } }),
  );

  let working = true;
  const worker = async () => {
    while (working) {
      const task = await service.client.send(new GetActivityTaskCommand({ activityArn }), {
        abortSignal: AbortSignal.any([stop.signal]),
      });
      const { n } = JSON.parse(required(task.input));
      const output = JSON.stringify({ doubled: 2 * n });
      await service.client.send(new SendTaskSuccessCommand({ taskToken: required(task.taskToken), output }));
    }
  };
  const stop = new AbortController();
  const workers = Promise.allSettled([worker(), worker(), worker(), worker()]);

  const items = Array.from({ length: 10 }, (_, n) => ({ n }));
  const started = await Promise.all(Array.from({ length: 200 }, () => service.start(parent, { items })));
  const ended = await Promise.all(started.map((arn) => service.ended(arn)));
  working = false;
  stop.abort();
  await workers;

  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["SUCCEEDED"]));
  expect(new Set(ended.map(({ output }) => output))).toEqual(new Set(["[0,2,4,6,8,10,12,14,16,18]"]));
  const open = await service.client.send(
    new ListExecutionsCommand({ stateMachineArn: child, statusFilter: "RUNNING" }),
  );
  expect(open.executions).toEqual([]);
});
