import { setTimeout as pause } from "node:timers/promises";
import {
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { BridgeError, CorrelationId, EffectRole, OrderId, OrderItem, Outcome } from "@crossfade/bridge";
import * as z from "zod";
import { taskErrorName } from "./task-error.ts";
import { errorFields, type Telemetry } from "./telemetry.ts";

/** Which of an Action's commands a task is; an Action of one command does not say it. */
export const ActionStep = z.strictObject({ n: z.int().nonnegative(), name: z.string().min(1), role: EffectRole });
export type ActionStep = z.infer<typeof ActionStep>;

/** What an Action hands to its activity: one item's own data (N11). */
export const ActionTask = z.object({
  orderId: OrderId,
  correlationId: CorrelationId,
  generation: z.int().nonnegative(),
  item: OrderItem,
  step: ActionStep.default({ n: 0, name: "do", role: "whole" }),
});
export type ActionTask = z.infer<typeof ActionTask>;

export interface WorkerOptions {
  readonly activityArn: string;
  readonly workerName: string;
  /** Milliseconds between heartbeats; well below the state's HeartbeatSeconds. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  readonly telemetry: Telemetry;
  perform(task: ActionTask): Promise<Outcome>;
  /** Called at the start, and between tasks at most every `tidyEveryMs` (milliseconds). */
  tidy(): Promise<void>;
  readonly tidyEveryMs: number;
}

/** Milliseconds to wait after a poll that failed. */
const POLL_PAUSE = 500;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/**
 * Pulls tasks of one activity and works on them one at a time (N3), with heartbeats while it works. When it is told to
 * stop, it ends the task in hand and takes no other. A task that Step Functions has given up meanwhile is still ended
 * in the ledger by `perform`: what was done is known.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const client = new SFNClient({ maxAttempts: 5 });
  const { activityArn, workerName, signal, telemetry } = options;
  let tidiedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      if (Date.now() - tidiedAt >= options.tidyEveryMs) {
        tidiedAt = Date.now();
        await options.tidy();
        await telemetry.flush();
      }
      const poll = new GetActivityTaskCommand({ activityArn, workerName });
      const { taskToken, input } = await client.send(poll, { abortSignal: signal });
      if (taskToken && input !== undefined) await work(client, options, taskToken, input);
    } catch (error) {
      if (signal.aborted && isAbort(error)) break;
      telemetry.tell("Poll or tidying failed", error);
      await pause(POLL_PAUSE, undefined, { signal }).catch(() => undefined);
    }
  }
  client.destroy();
}

/** Milliseconds between attempts to learn what became of a command that nobody waits for any more. */
const ASK_PAUSE = 2_000;

const isMineAndOpen = (error: unknown): boolean =>
  error instanceof BridgeError && error.code === "EFFECT_OPEN" && error.details["mine"] === true;

async function work(client: SFNClient, options: WorkerOptions, taskToken: string, input: string): Promise<void> {
  const { signal, telemetry } = options;
  const beat = setInterval(() => {
    client.send(new SendTaskHeartbeatCommand({ taskToken })).catch((error: unknown) => {
      if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) clearInterval(beat);
    });
  }, options.heartbeatMs);
  try {
    for (;;) {
      const { answer, again } = await attempt(options, taskToken, input);
      const heard = await report(telemetry, client, answer);
      if (heard || !again || signal.aborted) return;
      await pause(ASK_PAUSE, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    clearInterval(beat);
    await telemetry.flush();
  }
}

type Answer = SendTaskSuccessCommand | SendTaskFailureCommand;

/** One attempt at the task. `again`: its effect is open and ours, so that it must be tried again whoever waits. */
async function attempt(
  options: WorkerOptions,
  taskToken: string,
  input: string,
): Promise<{ answer: Answer; again: boolean }> {
  const { logger, count, tell } = options.telemetry;
  let ids: { correlationId?: string; requestId?: string; action?: string; step?: string } = {};
  try {
    const task = ActionTask.parse(JSON.parse(input));
    const { requestId, action } = task.item;
    ids = { correlationId: task.correlationId, requestId, action, step: task.step.name };
    logger.info("Work begins", ids);
    const outcome = Outcome.parse(await options.perform(task));
    logger.info("Work ended", { ...ids, status: outcome.status, code: outcome.Error?.Code });
    count(`Work.${outcome.status}`);
    const output = JSON.stringify(outcome.resultCheck ? outcome : { result: {}, ...outcome });
    return { answer: new SendTaskSuccessCommand({ taskToken, output }), again: false };
  } catch (error) {
    tell("Work failed", error, ids);
    const cause = JSON.stringify(errorFields(error));
    const answer = new SendTaskFailureCommand({ taskToken, error: taskErrorName(error), cause });
    return { answer, again: isMineAndOpen(error) };
  }
}

/** False when nobody waits: the task timed out or was stopped. What was done stands in the ledger all the same. */
async function report({ logger }: Telemetry, client: SFNClient, answer: Answer): Promise<boolean> {
  try {
    await (answer instanceof SendTaskSuccessCommand ? client.send(answer) : client.send(answer));
    return true;
  } catch (error) {
    // Its name alone: AWS quotes a token that it does not understand.
    logger.warn("Nobody waits for the result", { error: error instanceof Error ? error.name : "Unknown" });
    return false;
  }
}
