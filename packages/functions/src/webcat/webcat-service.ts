import type { Outcome, WholeItem } from "@crossfade/bridge";
import { externalCommand, findCommand, type ServiceClient, ServiceError } from "@crossfade/legacy";
import type { ActionStep } from "../activity-worker.ts";
import type { ServiceAddress, WorkerService } from "../service-worker.ts";

/** Who we are to an external service; its old consumer is another client. */
const CLIENT_ID = "order";

/** A client that tells when a later session has replaced this one. */
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

/** The registry, or the DNS service, as a worker of the new path needs it. */
export const webcatService =
  <Command extends { readonly command: string }, Result extends NonNullable<Outcome["result"]>>(
    service: string,
    connect: (address: { url: string; timeoutMs: number }) => ServiceClient<Command, Result>,
    commandFor: (item: WholeItem, step: ActionStep) => Command,
  ) =>
  ({ url, timeoutMs, onReplaced }: ServiceAddress): WorkerService => {
    const client = watched(connect({ url, timeoutMs }), onReplaced);
    return {
      async login() {
        await client.login(CLIENT_ID);
      },
      commandOf(item, step) {
        const command = commandFor(item, step);
        return { command: command.command, ...externalCommand({ service, command: command.command }, client, command) };
      },
      find: (command, commandId) => findCommand({ service, command }, client, commandId),
    };
  };
