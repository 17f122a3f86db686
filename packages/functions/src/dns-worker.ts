import { commandOfStep, dnsClient } from "@crossfade/legacy";
import { serviceWorker } from "./service-worker.ts";

/** One worker for each session of the DNS service. */
await serviceWorker("dns", dnsClient, ({ item, step }) => {
  const { requestId, action, input } = item;
  const { service, command } = commandOfStep(requestId, { action, input }, step.name);
  if (service !== "dns") throw new TypeError(`${action} is no work for the DNS service`);
  return command;
});
