import { randomUUID } from "node:crypto";
import * as z from "zod";
import { ACCOUNT_ID, type CloudEvent, type EventSink } from "../contract.ts";
import { invalid } from "./errors.ts";
import { type Actions, defineAction, refuseOtherBus } from "./request.ts";

const Entry = z.strictObject({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  /** Seconds since the epoch, as the AWS JSON protocol writes times. */
  Time: z.number().optional(),
  Resources: z.array(z.string()).default([]),
  EventBusName: z.string().optional(),
});
/** API reference, PutEvents: all entries together must be smaller, in bytes of UTF-8. */
const MAX_BYTES = 1_048_576;
const Detail = z.record(z.string(), z.unknown());

class EntryError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** PutEvents: an entry that is wrong fails alone, its neighbours pass (API reference, PutEventsResultEntry). */
export function putEventsAction(sink: EventSink, region: string): Actions {
  return {
    PutEvents: defineAction({ Entries: z.array(Entry).min(1).max(10) }, ({ Entries }) => {
      for (const entry of Entries) refuseOtherBus(entry.EventBusName);
      if (!Entries.some((entry) => entry.Source && entry.DetailType && entry.Detail)) {
        throw invalid("No entry has all of Source, DetailType and Detail.");
      }
      if (Entries.reduce((sum, entry) => sum + bytes(entry), 0) >= MAX_BYTES) {
        throw invalid("Total size of the entries in the request is over the limit.");
      }
      const results = Entries.map((entry) => {
        try {
          const event = toEvent(entry, region);
          sink.publish(event);
          return { EventId: event.id };
        } catch (error) {
          if (error instanceof EntryError) return { ErrorCode: error.code, ErrorMessage: error.message };
          throw error;
        }
      });
      return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
    }),
  };
}

/** User guide, "Calculating PutEvents event entry size": a given time counts 14 bytes. */
function bytes({ Source = "", DetailType = "", Detail: detail = "", Resources, Time }: z.infer<typeof Entry>): number {
  return Buffer.byteLength([Source, DetailType, detail, ...Resources].join("")) + (Time === undefined ? 0 : 14);
}

function toEvent(entry: z.infer<typeof Entry>, region: string): CloudEvent {
  const source = required("Source", entry.Source);
  const detailType = required("DetailType", entry.DetailType);
  const detail = readDetail(required("Detail", entry.Detail));
  if (source.startsWith("aws.")) {
    throw new EntryError("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  const time = new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000);
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account: ACCOUNT_ID,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: entry.Resources,
    detail,
  };
}

function required(name: string, value: string | undefined): string {
  if (value) return value;
  throw new EntryError("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
}

function readDetail(text: string): CloudEvent["detail"] {
  try {
    return Detail.parse(JSON.parse(text));
  } catch {
    throw new EntryError("MalformedDetail", "Detail is malformed.");
  }
}
