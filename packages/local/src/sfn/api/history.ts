import * as z from "zod";
import { assertArn } from "../arns.ts";
import { page } from "../paging.ts";
import type { HistoryEvent } from "../store/history.ts";
import { type Action, arn, defineAction, paging, seconds } from "./action.ts";

const DATA = new Set(["input", "inputDetails", "output", "outputDetails", "parameters"]);

export const historyActions: Readonly<Record<string, Action>> = {
  GetExecutionHistory: defineAction(
    {
      executionArn: arn,
      reverseOrder: z.boolean().default(false),
      includeExecutionData: z.boolean().default(true),
      ...paging,
    },
    ({ executionArn, reverseOrder, includeExecutionData, ...request }, world) => {
      assertArn(executionArn, "execution");
      const events = world.executions.get(executionArn).history.events(reverseOrder);
      const { items, nextToken } = page(events, ({ id }) => id, request);
      return { events: items.map((event) => present(event, includeExecutionData)), nextToken };
    },
  ),
};

function present({ id, previousEventId, type, timestamp, details }: HistoryEvent, includeData: boolean) {
  const base = { id, previousEventId, type, timestamp: seconds(timestamp) };
  if (details === undefined) return base;
  const shown = includeData ? details : Object.fromEntries(Object.entries(details).filter(([key]) => !DATA.has(key)));
  return { ...base, [detailsField(type)]: shown };
}

/** The API has one field for all entered states and one for all exited ones; else each type has its own. */
function detailsField(type: string): string {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
