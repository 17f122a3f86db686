import * as z from "zod";
import type { Json } from "../json.ts";

/** Attributes as SQS and SNS share them; binary ones are not supported by the local cloud. */
export const MessageAttributes = z.record(
  z.string(),
  z.strictObject({ DataType: z.string(), StringValue: z.string() }),
);

/** A body that is no text is sent as its JSON text, as AWS does. */
export function bodyText(body: Json): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}
