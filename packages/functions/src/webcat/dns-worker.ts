import { commandOfStep, dnsClient } from "@crossfade/legacy";
import { serviceWorker } from "../service-worker.ts";
import { webcatService } from "./webcat-service.ts";

/** One worker for each session of the DNS service. */
const connect = webcatService("dns", dnsClient, ({ requestId, action, input }, step) => {
  const { service, command } = commandOfStep(requestId, { action, input }, step.name);
  if (service !== "dns") throw new TypeError(`${action} is no work for the DNS service`);
  return command;
});

await serviceWorker("dns", connect);
