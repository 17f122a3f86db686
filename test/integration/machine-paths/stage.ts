import { DescribeExecutionCommand, type HistoryEvent, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { WEBCAT_CHECKS } from "@crossfade/legacy";
import { eventually } from "../support/eventually.ts";
import { startOrderRuns } from "../support/order-runs.ts";
import { historyOf } from "../support/transitions.ts";
import { Actors } from "./actors.ts";
import { cast } from "./cast.ts";
import type { Script } from "./deeds.ts";
import { type Repertoire, rehearse } from "./repertoire.ts";
import type { Stage } from "./scenario.ts";

/** A stage with every machine on it that the bridge deploys, and everybody whom they ask. */
export interface Played extends Stage, Pick<Repertoire, "definitions"> {
  follow(orderId: string, script: Script): void;
  history(executionArn: string): Promise<readonly HistoryEvent[]>;
}

/** Milliseconds within which an execution must have ended: a few timeouts and retries of a hurried machine. */
const PATIENCE = 60_000;
/** Milliseconds between two looks at an execution: half a hundred are looked at side by side. */
const LOOK_EVERY = 200;
/** Polls of each activity at a time. */
const PULLS = 4;

export async function setTheStage(): Promise<Played> {
  // Only so that Order has them: cast() says what they do.
  const checks = Object.fromEntries(WEBCAT_CHECKS.map(({ name }) => [name, async () => ({})]));
  const questions = Object.fromEntries(WEBCAT_CHECKS.map(({ name, question }) => [name, question]));
  const runs = await startOrderRuns({ checks, questions });
  const { sfn } = runs;
  const actors = new Actors(sfn);
  const { definitions, arnOf } = await rehearse(runs, cast(runs, actors));
  const stop = new AbortController();
  const pulls = Object.values(runs.machines.activityArns).flatMap((arn) =>
    Array.from({ length: PULLS }, () => actors.pull(arn, stop.signal)),
  );
  const describe = async (executionArn: string) => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  };
  return {
    ...runs,
    definitions,
    follow: (orderId, script) => actors.follow(orderId, script),
    async play({ machine, variant, name, input }) {
      const start = { stateMachineArn: arnOf(machine, variant), name, input: JSON.stringify(input) };
      return (await sfn.send(new StartExecutionCommand(start))).executionArn ?? "";
    },
    ended: (arn) => eventually("the execution to end", () => describe(arn), PATIENCE, LOOK_EVERY),
    history: (executionArn) => historyOf(sfn, executionArn),
    async close() {
      actors.release();
      stop.abort();
      await Promise.all(pulls);
      await runs.close();
    },
  };
}
