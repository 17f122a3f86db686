import { type HistoryEvent, paginateGetExecutionHistory, type SFNClient } from "@aws-sdk/client-sfn";
import * as z from "zod";

export interface Transitions {
  /** Of the order's own execution. */
  readonly order: number;
  /** Of each of its Actions. */
  readonly actions: readonly number[];
}

/** Every event of an execution, in order. */
export async function historyOf(client: SFNClient, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory({ client, pageSize: 1000 }, { executionArn });
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
}

const Child = z.looseObject({ ExecutionArn: z.string() });

/** ARNs of the Actions that an order started; a retry finds the same one. */
function childrenIn(events: readonly HistoryEvent[]): ReadonlySet<string> {
  const submitted = events.flatMap(({ taskSubmittedEventDetails: details }) =>
    details?.resource?.startsWith("startExecution") ? [Child.parse(JSON.parse(details.output ?? ""))] : [],
  );
  return new Set(submitted.map((child) => child.ExecutionArn));
}

const entered = (events: readonly HistoryEvent[]): number =>
  events.filter((event) => event.stateEnteredEventDetails !== undefined).length;

/** What Step Functions would charge of an order that has ended, from its history and those of its Actions. */
export async function transitionsOf({ sfn }: { readonly sfn: SFNClient }, executionArn: string): Promise<Transitions> {
  const events = await historyOf(sfn, executionArn);
  const histories = await Promise.all([...childrenIn(events)].map((child) => historyOf(sfn, child)));
  return { order: entered(events), actions: histories.map(entered) };
}
