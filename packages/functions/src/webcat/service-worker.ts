import { randomUUID } from "node:crypto";
import {
  keepAnswer,
  keepingResults,
  type Outcome,
  performEffect,
  resolveOpenEffects,
  type WholeItem,
  withInput,
} from "@crossfade/bridge";
import { externalCommand, findCommand, type ServiceClient, ServiceError } from "@crossfade/legacy";
import { type ActionStep, type ActionTask, runWorker } from "../activity-worker.ts";
import { composePayloads, composeWorker } from "../compose.ts";
import { Environment, readEnv } from "../env.ts";
import { Finding } from "../error-facts.ts";
import { telemetry } from "../telemetry.ts";

/** Who we are to an external service; its old consumer is another client. */
const CLIENT_ID = "order";

/** A client that tells when a later session has replaced this one: then this worker must stop (E2r). */
function watched<Command, Result>(
  client: ServiceClient<Command, Result>,
  onReplaced: () => void,
): ServiceClient<Command, Result> {
  const watch = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === "SESSION_CLOSED") onReplaced();
      throw error;
    });
  return {
    login: (clientId) => client.login(clientId),
    send: (commandId, command) => watch(client.send(commandId, command)),
    find: (commandId) => watch(client.find(commandId)),
  };
}

/**
 * A long-running worker of one activity for one external service: logs in first, which shuts out any earlier worker,
 * then works on one task at a time until SIGTERM or SIGINT; the task in hand is ended before it stops.
 */
export async function serviceWorker<
  Command extends { readonly command: string },
  Result extends NonNullable<Outcome["result"]>,
>(
  service: string,
  connect: (address: { url: string; timeoutMs: number }) => ServiceClient<Command, Result>,
  commandFor: (item: WholeItem, step: ActionStep) => Command,
): Promise<void> {
  const env = readEnv(
    Environment.pick({
      ACTIVITY_ARN: true,
      SERVICE_URL: true,
      WORKER_NAME: true,
      HEARTBEAT_MS: true,
      SERVICE_TIMEOUT_MS: true,
      TIDY_EVERY_MS: true,
    }),
  );
  const tools = telemetry(`${service}-worker`);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const client = watched(connect({ url: env.SERVICE_URL, timeoutMs: env.SERVICE_TIMEOUT_MS }), () => {
    tools.logger.error("Replaced by a later session: stopping");
    process.exitCode = 1;
    stop.abort();
  });
  await client.login(CLIENT_ID);
  const deps = composeWorker();
  const payloads = composePayloads();
  const owner = randomUUID();
  tools.logger.info("Worker started", { owner });
  const perform = (task: ActionTask): Promise<Outcome> => {
    const { item, orderId, generation, step } = task;
    const { pinKey, pinned } = item;
    const { n, role } = step;
    const lane = "order" as const;
    return withInput(payloads, item, (input) => {
      const command = commandFor({ ...item, input }, step);
      const kind = { service, command: command.command };
      const request = { key: item, n, role, lane, orderId, generation, pinKey, pinned, owner, ...kind };
      return performEffect(deps, request, keepingResults(payloads, externalCommand(kind, client, command)));
    });
  };
  let after: string | undefined;
  const tidy = async () => {
    const find = async (command: string, id: string) =>
      keepAnswer(payloads, await findCommand({ service, command }, client, id));
    const { next, ...resolved } = await resolveOpenEffects(deps, service, find, { limit: 50, after });
    after = next;
    if (resolved.ended + resolved.neverSent + resolved.unknown > 0)
      tools.logger.warn("Open effects resolved", { ...resolved });
    tools.count("Effects.unknown", resolved.unknown);
    if (resolved.unknown > 0)
      tools.tell("Effects are open", new Finding("EFFECTS_UNKNOWN", `${service} cannot say what became of commands`));
  };
  await runWorker({
    activityArn: env.ACTIVITY_ARN,
    workerName: env.WORKER_NAME,
    heartbeatMs: env.HEARTBEAT_MS,
    signal: stop.signal,
    telemetry: tools,
    perform,
    tidy,
    tidyEveryMs: env.TIDY_EVERY_MS,
  });
  tools.logger.info("Worker stopped", { owner });
  await tools.flush();
}
