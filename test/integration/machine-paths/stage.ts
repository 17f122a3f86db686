import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { WEBCAT_CHECKS } from "@crossfade/legacy";
import * as z from "zod";
import { eventually } from "../support/eventually.ts";
import { startOrderRuns } from "../support/order-runs.ts";
import { Actors, type Script } from "./actors.ts";
import { Definition, hurried, overdue, withStandIns } from "./definition.ts";
import { TEST_ACTIONS } from "./order-scenarios.ts";
import type { Stage, Start, Variant } from "./scenario.ts";

/** A stage with every machine on it that the bridge deploys, in all variants, and everybody whom they ask. */
export interface Played extends Stage {
  readonly definitions: ReadonlyMap<string, Definition>;
  follow(orderId: string, script: Script): void;
  history(executionArn: string): Promise<readonly HistoryEvent[]>;
}

/** Milliseconds within which an execution must have ended: a few timeouts and retries of a hurried machine. */
const PATIENCE = 60_000;
/** Milliseconds between two looks at an execution: half a hundred are looked at side by side. */
const LOOK_EVERY = 200;
const PREFIX = "test-";
const PULLS = 4;
const Records = z.looseObject({ Records: z.array(z.looseObject({ body: z.string() })) });
const Service = z.looseObject({ service: z.string() });

export async function setTheStage(): Promise<Played> {
  // Only so that Order has them; what they do is registered below, where there is somebody to ask.
  const checks = Object.fromEntries(WEBCAT_CHECKS.map(({ name }) => [name, async () => ({})]));
  const questions = Object.fromEntries(WEBCAT_CHECKS.map(({ name, question }) => [name, question]));
  const runs = await startOrderRuns({ checks, questions });
  const { cloud, sfn } = runs;
  const people = new Actors(sfn);

  // Longer than a state waits for them, so that a silent one is the state's timeout and not the function's.
  const long = { timeoutSeconds: 60 };
  const { functions } = cloud;
  functions.register(
    "finish-order",
    people.lambda("finish", (_, told) => told),
    long,
  );
  functions.register("delegate", people.delegate, long);
  for (const { name } of WEBCAT_CHECKS) functions.register(`check-${name}`, people.check(name), long);
  const standInFor = (event: unknown) => Service.parse(event).service;
  const standIn = functions.register(
    "stand-in",
    people.lambda(standInFor, () => ({})),
    long,
  );
  functions.register("approvals", async (event) => {
    const { Records: records } = Records.parse(event);
    await Promise.all(records.map(({ body }) => people.approve(JSON.parse(body))));
  });
  const queueArn = `arn:aws:sqs:${cloud.region}:${cloud.accountId}:approvals`;
  cloud.mapQueue({ queueUrl: runs.approvalsUrl, queueArn, functionName: "approvals" });

  const arns = new Map<string, string>();
  const definitions = new Map<string, Definition>();
  const roleArn = `arn:aws:iam::${cloud.accountId}:role/test`;
  const create = async (name: string, definition: unknown) => {
    const command = new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn });
    return (await sfn.send(command)).stateMachineArn ?? "";
  };
  const key = (machine: string, variant: Variant = "hurried") => `${machine} ${variant}`;
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn = "", name = "" } of stateMachines.filter((each) => each.name !== "test-Instant")) {
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const definition = Definition.parse(JSON.parse(described.definition ?? ""));
    const machine = name.slice(PREFIX.length);
    definitions.set(machine, definition);
    const hasty = JSON.stringify(hurried(definition));
    await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: hasty }));
    arns.set(key(machine), stateMachineArn);
    arns.set(key(machine, "overdue"), await create(`${name}-overdue`, overdue(definition)));
    arns.set(key(machine, "stand-ins"), await create(`${name}-stand-ins`, withStandIns(definition, standIn)));
  }
  for (const [name, definition] of Object.entries(TEST_ACTIONS)) await create(`${PREFIX}${name}`, definition);

  const stop = new AbortController();
  const pulls = Object.values(runs.machines.activityArns).flatMap((arn) =>
    Array.from({ length: PULLS }, () => people.pull(arn, stop.signal)),
  );
  return {
    ...runs,
    definitions,
    follow: (orderId, script) => people.follow(orderId, script),
    async play({ machine, variant, name, input }: Start) {
      const start = { stateMachineArn: arns.get(key(machine, variant)), name, input: JSON.stringify(input) };
      return (await sfn.send(new StartExecutionCommand(start))).executionArn ?? "";
    },
    ended: (executionArn) =>
      eventually(
        "the execution to end",
        async () => {
          const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          return execution.status === "RUNNING" ? undefined : execution;
        },
        PATIENCE,
        LOOK_EVERY,
      ),
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      const pages = paginateGetExecutionHistory({ client: sfn, pageSize: 1000 }, { executionArn });
      for await (const page of pages) events.push(...(page.events ?? []));
      return events;
    },
    async close() {
      people.release();
      stop.abort();
      await Promise.all(pulls);
      await runs.close();
    },
  };
}
