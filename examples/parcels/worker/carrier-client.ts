import * as z from "zod";
import { Cancellation, Shipment } from "../contract/messages.ts";

/** A job as the carrier takes it; `ref` is for its own clerks. */
export const Job = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("book"), ref: z.string(), ...Shipment.shape }),
  z.strictObject({ kind: z.literal("cancel-pickup"), ref: z.string(), ...Cancellation.shape }),
]);
export type Job = z.infer<typeof Job>;

const RefusalCode = z.enum(["TOO_HEAVY", "ADDRESS_UNKNOWN", "PICKUP_NOT_FOUND", "ALREADY_PICKED_UP"]);

/** A job's end at the carrier. */
const Done = z.strictObject({ status: z.literal("done"), answer: z.record(z.string(), z.json()) });
const Refused = z.strictObject({ status: z.literal("refused"), code: RefusalCode, text: z.string() });
export const End = z.discriminatedUnion("status", [Done, Refused]);
export type End = z.infer<typeof End>;

/** `busy`: it did nothing. `no-record`: it has not heard of the job, or not yet. */
const Busy = z.strictObject({ status: z.literal("busy") });
const NoRecord = z.strictObject({ status: z.literal("no-record") });
export const PutAnswer = z.discriminatedUnion("status", [Done, Refused, Busy]);
export type PutAnswer = z.infer<typeof PutAnswer>;
export const GetAnswer = z.discriminatedUnion("status", [Done, Refused, NoRecord]);
export type GetAnswer = z.infer<typeof GetAnswer>;

/** No answer, or none that can be understood: it is open what the carrier did. */
export class CarrierError extends Error {
  override readonly name = "CarrierError";
  /** Asking again is expected to help: nobody need be told. An answer that breaks the contract will break it again. */
  readonly passes: boolean;

  constructor(message: string, passes: boolean, cause: unknown) {
    super(message, { cause });
    this.passes = passes;
  }
}

/** The carrier's API. It gives jobs no ids of its own: the caller does, and keeps to one job an id. */
export interface CarrierClient {
  /** @throws CarrierError. */
  put(id: string, job: Job): Promise<PutAnswer>;
  /** @throws CarrierError. */
  get(id: string): Promise<GetAnswer>;
}

/** @param timeoutMs milliseconds to wait for an answer. */
export function carrierClient(url: string, timeoutMs: number): CarrierClient {
  async function ask<Answer>(id: string, schema: z.ZodType<Answer>, init: RequestInit): Promise<Answer> {
    const signal = AbortSignal.timeout(timeoutMs);
    const text = await fetch(`${url}/jobs/${encodeURIComponent(id)}`, { ...init, signal })
      .then((response) => response.text())
      .catch((cause: unknown) => {
        throw new CarrierError("the carrier gave no answer", true, cause);
      });
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new CarrierError("the carrier's answer breaks its contract", false, cause);
    }
  }
  const headers = { "content-type": "application/json" };
  return {
    put: (id, job) => ask(id, PutAnswer, { method: "PUT", headers, body: JSON.stringify(job) }),
    get: (id) => ask(id, GetAnswer, {}),
  };
}
