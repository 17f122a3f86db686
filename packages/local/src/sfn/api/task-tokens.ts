import * as z from "zod";
import { SfnError } from "../errors.ts";
import { exceedsDataLimit, isJsonText } from "../json.ts";
import { type Action, defineAction } from "./action.ts";

const taskToken = z.string().min(1).max(2048);

export const taskTokenActions: Readonly<Record<string, Action>> = {
  SendTaskSuccess: defineAction({ taskToken, output: z.string() }, ({ taskToken: token, output }, { tokens }) => {
    if (!isJsonText(output)) throw new SfnError("InvalidOutput", "Invalid Output: 'The output is not valid JSON'");
    if (exceedsDataLimit(output)) throw new SfnError("InvalidOutput", "Invalid Output: 'The output is above 256 KiB'");
    tokens.get(token).succeed(output);
    return {};
  }),

  SendTaskFailure: defineAction(
    { taskToken, error: z.string().max(256).default(""), cause: z.string().max(32_768).default("") },
    ({ taskToken: token, error, cause }, { tokens }) => {
      tokens.get(token).fail(error, cause);
      return {};
    },
  ),

  SendTaskHeartbeat: defineAction({ taskToken }, ({ taskToken: token }, { tokens }) => {
    tokens.get(token).heartbeat();
    return {};
  }),
};
