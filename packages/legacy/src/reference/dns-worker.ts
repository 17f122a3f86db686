import type { SQSClient } from "@aws-sdk/client-sqs";
import { workOf } from "../actions.ts";
import { commandOf } from "../commands.ts";
import { type DnsClient, dnsCommand } from "../dns-client.ts";
import { performRequest, type RequestDeps } from "./perform-request.ts";
import { createWorker, type Worker, type WorkerOptions } from "./worker.ts";

export interface DnsWorkerDeps extends RequestDeps {
  readonly sqs: SQSClient;
  readonly dns: DnsClient;
  /** The name under which it logs in; "legacy" unless given. */
  readonly clientId?: string;
}

/** The old consumer of DNS updates. */
export const createDnsWorker = (deps: DnsWorkerDeps, options: WorkerOptions): Worker =>
  createWorker(
    deps.sqs,
    options,
    () => deps.dns.login(deps.clientId ?? "legacy"),
    async (message) => {
      const { service, command } = commandOf(message.requestId, workOf(message));
      if (service !== "dns") throw new TypeError(`${message.type} is no work for the DNS service`);
      await performRequest(deps, message, dnsCommand(deps.dns, command));
    },
  );
