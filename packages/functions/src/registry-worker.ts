import { commandOf, registryClient, Work } from "@crossfade/legacy";
import { serviceWorker } from "./service-worker.ts";

/** The registry takes one request at a time: run one of these, no more. */
await serviceWorker("registry", registryClient, (item) => {
  const { service, command } = commandOf(item.requestId, Work.parse({ action: item.action, input: item.input }));
  if (service !== "registry") throw new TypeError(`${item.action} is no work for the registry`);
  return command;
});
