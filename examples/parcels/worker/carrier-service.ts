import type { FindResult, Outcome, WholeItem } from "@crossfade/bridge";
import type { ServiceAddress, WorkerService } from "@crossfade/functions/service-worker";
import { Cancellation, Shipment } from "../contract/messages.ts";
import { type Command, effectsOf } from "../contract/outcomes.ts";
import { carrierClient, type End, type Job } from "./carrier-client.ts";

/** The job that an item asks for. */
function jobOf({ action, requestId: ref, input }: WholeItem): Job {
  switch (action) {
    case "BookShipment":
      return { kind: "book", ref, ...Shipment.parse(input) };
    case "CancelPickup":
      return { kind: "cancel-pickup", ref, ...Cancellation.parse(input) };
    default:
      throw new TypeError(`${action} is no work for the carrier`);
  }
}

function outcomeOf(command: Command, end: End): Outcome {
  if (end.status === "done") {
    return { status: "COMPLETED", effects: effectsOf(command, end.answer), result: end.answer };
  }
  return { status: "FAILED", Error: { Code: end.code, Message: end.text, Retryable: false }, effects: [] };
}

/** The command's name as the ledger has kept it. */
const isCommand = (name: string): name is Command => name === "book" || name === "cancel-pickup";

/** The carrier, as the worker of the new path needs it. */
export function carrierService({ url, timeoutMs }: ServiceAddress): WorkerService {
  const client = carrierClient(url, timeoutMs);

  /** The carrier has no sessions: what it has no record of may still be on its way. */
  async function find(name: string, commandId: string): Promise<FindResult> {
    const found = await client.get(commandId).catch(() => undefined);
    if (found === undefined || found.status === "no-record" || !isCommand(name)) return { kind: "unknown" };
    return { kind: "ended", outcome: outcomeOf(name, found) };
  }

  return {
    /** Nothing to open: see `find`. */
    async login() {},
    commandOf(item) {
      const job = jobOf(item);
      return {
        command: job.kind,
        async send(commandId) {
          const answer = await client.put(commandId, job);
          if (answer.status === "busy") return { kind: "not-done", reason: "the carrier is busy" };
          return { kind: "ended", outcome: outcomeOf(job.kind, answer) };
        },
        find: (commandId) => find(job.kind, commandId),
      };
    },
    find,
  };
}
