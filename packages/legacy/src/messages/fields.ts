import * as z from "zod";

/** The id of a request, and the key of its row. */
export const MessageRequestId = z.uuid("a request id must be a UUID");

/** A customer of WebCat; decides the cohort. */
export const CustomerId = z
  .string()
  .regex(/^cust-[a-z0-9]{1,40}$/, "a customer id must be cust- and 1 to 40 lower-case letters or digits");

/** Whole years of a registration: 1 to 10, as registries sell them. */
export const Years = z.int().min(1, "years must be 1 to 10").max(10, "years must be 1 to 10");

/** When the customer pressed the button: ISO 8601 in UTC, `2026-03-02T09:30:00.000Z`. */
export const RequestedAt = z.iso.datetime("must be a date and time in UTC, like 2026-03-02T09:30:00.000Z");
