import type { SQSClient } from "@aws-sdk/client-sqs";
import { workOf } from "../actions.ts";
import { commandOf } from "../commands.ts";
import { type RegistryClient, registryCommand } from "../registry-client.ts";
import { performRequest, type RequestDeps } from "./perform-request.ts";
import { createWorker, type Worker, type WorkerOptions } from "./worker.ts";

export interface RegistryWorkerDeps extends RequestDeps {
  readonly sqs: SQSClient;
  readonly registry: RegistryClient;
  /** The name under which it logs in; "legacy" unless given. */
  readonly clientId?: string;
}

/** The old consumer of registrations, renewals and refreshes: the registry takes one request at a time. */
export const createRegistryWorker = (deps: RegistryWorkerDeps, options: WorkerOptions): Worker =>
  createWorker(
    deps.sqs,
    options,
    () => deps.registry.login(deps.clientId ?? "legacy"),
    async (message) => {
      const { service, command } = commandOf(message.requestId, workOf(message));
      if (service !== "registry") throw new TypeError(`${message.type} is no work for the registry`);
      await performRequest(deps, message, registryCommand(deps.registry, command));
    },
  );
