import { randomUUID } from "node:crypto";
import {
  type ExternalCommand,
  type FindResult,
  keepAnswer,
  keepingResults,
  type Outcome,
  performEffect,
  resolveOpenEffects,
  type WholeItem,
  withInput,
} from "@crossfade/bridge";
import { type ActionStep, type ActionTask, runWorker } from "./activity-worker.ts";
import { composePayloads, composeWorker } from "./compose.ts";
import { Environment, readEnv } from "./env.ts";
import { Finding } from "./error-facts.ts";
import { telemetry } from "./telemetry.ts";

/** Where a service is, and whom to tell that a later session has replaced this one: then this worker must stop (E2r). */
export interface ServiceAddress {
  readonly url: string;
  readonly timeoutMs: number;
  onReplaced(): void;
}

/** An external service as a worker needs it; an adopter writes one for each of theirs. */
export interface WorkerService {
  /** Opens a session, and shuts out every earlier one of ours, so that "never received" is final (E1). */
  login(): Promise<void>;
  /** What does that step of an item: its name in the ledger, and how to send it and to ask about it. */
  commandOf(item: WholeItem, step: ActionStep): ExternalCommand & { readonly command: string };
  /** What became of a command, by its id. Says `unknown` where it cannot tell, and never guesses. */
  find(command: string, commandId: string): Promise<FindResult>;
}

/**
 * A long-running worker of one activity for one external service: logs in first, which shuts out any earlier worker,
 * then works on one task at a time until SIGTERM or SIGINT; the task in hand is ended before it stops.
 */
export async function serviceWorker(
  service: string,
  connect: (address: ServiceAddress) => WorkerService,
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
  const client = connect({
    url: env.SERVICE_URL,
    timeoutMs: env.SERVICE_TIMEOUT_MS,
    onReplaced() {
      tools.logger.error("Replaced by a later session: stopping");
      process.exitCode = 1;
      stop.abort();
    },
  });
  await client.login();
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
      const external = client.commandOf({ ...item, input }, step);
      const { command } = external;
      const request = { key: item, n, role, lane, orderId, generation, pinKey, pinned, owner, service, command };
      return performEffect(deps, request, keepingResults(payloads, external));
    });
  };
  let after: string | undefined;
  const tidy = async () => {
    const find = async (command: string, id: string) => keepAnswer(payloads, await client.find(command, id));
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
