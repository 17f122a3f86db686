import { commandOf, dnsClient, Work } from "@crossfade/legacy";
import { serviceWorker } from "./service-worker.ts";

/** One worker for each session of the DNS service. */
await serviceWorker("dns", dnsClient, (item) => {
  const { service, command } = commandOf(item.requestId, Work.parse({ action: item.action, input: item.input }));
  if (service !== "dns") throw new TypeError(`${item.action} is no work for the DNS service`);
  return command;
});
