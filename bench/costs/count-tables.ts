import type { Count, Counted } from "./count.ts";
import { finder, named } from "./found.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Call } from "./tally.ts";
import { number, range, table } from "./text.ts";

/** What one message uses, in tens and alone. */
export function usageTable(counted: Counted): string {
  const of = finder(counted);
  const rows = SCENARIOS.map(({ what }) => {
    const { usage: tens } = of(what, 10);
    const { usage: alone } = of(what, 1);
    const both = (pick: (usage: typeof tens) => number) => range(number(pick(tens)), number(pick(alone)));
    return [
      named(what),
      number(tens.transitions),
      number(tens.writeUnits),
      number(tens.readUnits),
      both(({ standardRequests }) => standardRequests),
      both(({ fifoRequests }) => fifoRequests),
      both(({ invocations }) => invocations),
      both(({ logBytes }) => Math.round(logBytes)),
      number(tens.keptBytes),
    ];
  });
  return table(
    [
      "Message",
      "Transitions",
      "Write units",
      "Read units",
      "SQS standard",
      "SQS FIFO",
      "Invocations",
      "Log bytes",
      "Kept bytes",
    ],
    rows,
  );
}

/** What a service calls it, where the wire does not. */
const CALLED: Readonly<Record<string, string>> = {
  "s3 PUT": "PutObject",
  "s3 GET": "GetObject",
  "lambda POST": "Invoke",
  "sqs SendMessageBatch": "message sent",
};

/** It waits for work; how often it was asked in vain is the worker's affair, and free. */
const isPoll = ({ action }: Call): boolean => action === "GetActivityTask";

/** Calls of one caller for one message; of sends, the messages: how many travel together is a matter of milliseconds. */
function callsOf({ calls, requests }: Count): readonly (readonly string[])[] {
  const rows = new Map<string, { writeUnits: number; readUnits: number; actions: Map<string, number> }>();
  for (const call of calls) {
    if (call.refresh || isPoll(call)) continue;
    const row = rows.get(call.caller) ?? { writeUnits: 0, readUnits: 0, actions: new Map<string, number>() };
    const action = CALLED[`${call.service} ${call.action}`] ?? call.action;
    row.actions.set(action, (row.actions.get(action) ?? 0) + (call.sent?.bytes.length ?? 1));
    row.writeUnits += call.writeUnits;
    row.readUnits += call.readUnits;
    rows.set(call.caller, row);
  }
  return [...rows.keys()].toSorted().map((caller) => {
    const { writeUnits = 0, readUnits = 0, actions = new Map<string, number>() } = rows.get(caller) ?? {};
    const list = [...actions].toSorted().map(([action, times]) => `${number(times / requests)} ${action}`);
    return [caller, list.join(", "), number(writeUnits / requests), number(readUnits / requests)];
  });
}

export function callsTable(counted: Counted): string {
  const of = finder(counted);
  const rows = SCENARIOS.flatMap(({ what }) => callsOf(of(what, 10)).map((cells) => [named(what), ...cells]));
  return table(["Message", "Caller", "Calls", "Write units", "Read units"], rows);
}
