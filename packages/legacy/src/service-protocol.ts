import * as z from "zod";
import { RefusalCode } from "./commands.ts";

/**
 * What goes over HTTP between a worker session and an external service. `POST /sessions` opens a session and closes
 * that client's earlier one; `POST /commands` has a command worked; `POST /commands/find` asks what became of one.
 * The `sequence` of a session's requests grows: the service refuses a number that is not above the last it saw, so
 * that after a find no earlier request, still on its way, can arrive and be worked.
 */
export const SessionRequest = z.strictObject({ clientId: z.string().min(1).max(100) });
export const SessionAnswer = z.strictObject({ session: z.string().min(1) });

const place = { session: z.string().min(1), sequence: z.int().positive() };
export const FindRequest = z.strictObject({ ...place, commandId: z.string().min(1).max(300) });
export const SendRequest = z.strictObject({ ...FindRequest.shape, command: z.unknown() });
export type FindRequest = z.infer<typeof FindRequest>;
export type SendRequest = z.infer<typeof SendRequest>;

const Done = z.strictObject({ status: z.literal("done"), result: z.unknown() });
const Refused = z.strictObject({ status: z.literal("refused"), code: RefusalCode, message: z.string() });
const Unavailable = z.strictObject({ status: z.literal("unavailable"), message: z.string() });
const Unknown = z.strictObject({ status: z.literal("unknown") });
const Rejected = z.strictObject({
  status: z.literal("rejected"),
  code: z.enum(["SESSION_CLOSED", "OUT_OF_ORDER"]),
  message: z.string(),
});

/** Only done and refused are a command's end. `unavailable`: the service certainly did nothing. */
export const SendAnswer = z.discriminatedUnion("status", [Done, Refused, Unavailable, Rejected]);
export type SendAnswer = z.infer<typeof SendAnswer>;

/** `unknown`: no command of that id was ever worked, and none sent before can be any more. */
export const FindAnswer = z.discriminatedUnion("status", [Done, Refused, Unknown, Rejected]);
export type FindAnswer = z.infer<typeof FindAnswer>;
