import { commandOfStep, registryClient } from "@crossfade/legacy";
import { serviceWorker } from "../service-worker.ts";
import { webcatService } from "./webcat-service.ts";

/** The registry takes one request at a time: run one of these, no more. */
const connect = webcatService("registry", registryClient, ({ requestId, action, input }, step) => {
  const { service, command } = commandOfStep(requestId, { action, input }, step.name);
  if (service !== "registry") throw new TypeError(`${action} is no work for the registry`);
  return command;
});

await serviceWorker("registry", connect);
