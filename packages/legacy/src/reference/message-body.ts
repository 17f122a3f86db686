import * as z from "zod";
import { LegacyMessage } from "../messages/index.ts";

const Notification = z.object({ Type: z.literal("Notification"), Message: z.string() });

/** Some publishers serialise twice. */
const opened = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  return typeof value === "string" ? JSON.parse(value) : value;
};

/**
 * The message that a text is.
 * @throws SyntaxError or ZodError.
 */
export const parseMessage = (text: string): LegacyMessage => LegacyMessage.parse(opened(text));

/**
 * A queue's message body as the old services read it: the message, or a notification around it.
 * @throws SyntaxError or ZodError: the queue delivers it again, and at last moves it to its dead-letter queue.
 */
export function readMessage(body: string): LegacyMessage {
  const notification = Notification.safeParse(opened(body));
  return parseMessage(notification.success ? notification.data.Message : body);
}
