import { inBatches, requestsOf } from "./hands.ts";
import type { Call, Invocation, Tallied } from "./tally.ts";

/** What AWS charges for, of one message from its source until its request has ended. */
export interface Usage {
  /** State transitions. */
  readonly transitions: number;
  /** DynamoDB's request units. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Requests to SQS. */
  readonly standardRequests: number;
  readonly fifoRequests: number;
  readonly invocations: number;
  /** Bytes that go to CloudWatch Logs. */
  readonly logBytes: number;
  readonly s3Puts: number;
  readonly s3Gets: number;
  /** Bytes that stay in the ledger. */
  readonly keptBytes: number;
}

/** What Lambda itself writes about an invocation, as text. */
const LAMBDA_LINES = [
  "START RequestId: 6bc28136-xmpl-4365-b021-0ce6b2e64ab0 Version: $LATEST",
  "END RequestId: 6bc28136-xmpl-4365-b021-0ce6b2e64ab0",
  "REPORT RequestId: 6bc28136-xmpl-4365-b021-0ce6b2e64ab0\tDuration: 100.00 ms\tBilled Duration: 100 ms\tMemory Size: 1024 MB\tMax Memory Used: 150 MB\t",
];

/** Milliseconds differ from run to run: each counts as five digits. */
const steady = (line: string): string =>
  line.replace(/("[^"]*Ms":)(\[[\d,]*\]|\d+)/g, (_, name: string, values: string) =>
    [name, values.replace(/\d+/g, "99999")].join(""),
  );

const sum = <Value>(values: readonly Value[], of: (value: Value) => number): number =>
  values.reduce((all, value) => all + of(value), 0);

const logged = ({ lines }: Invocation): number =>
  sum([...lines.map(steady), ...LAMBDA_LINES], (line) => Buffer.byteLength(line) + 1);

/** Ingest's sends of one moment travel together: at best all of its batch. Whatever else is sent goes alone. */
function sendRequests(calls: readonly Call[], fifo: boolean, batch: number): number {
  const of = (mine: boolean) =>
    calls
      .filter(({ caller, sent }) => sent?.fifo === fifo && (caller === "ingest") === mine)
      .flatMap(({ sent }) => sent?.bytes ?? []);
  const requests = (sizes: readonly number[], most: number) =>
    sum(inBatches(sizes, most), (together) => requestsOf(sum(together, (bytes) => bytes)));
  return requests(of(true), batch) + requests(of(false), 1);
}

/** How much was used by all requests of a run, for each of them. */
export function usageOf(
  { calls, invocations, polled, broken }: Tallied,
  run: { readonly requests: number; readonly batch: number; readonly transitions: number; readonly keptBytes: number },
): Usage {
  const failures = [...broken, ...calls.filter(({ failed }) => failed), ...invocations.filter(({ failed }) => failed)];
  if (failures.length > 0) throw new Error("something failed, so that this is no count", { cause: failures });
  const counted = calls.filter(({ refresh }) => !refresh);
  const each = (total: number) => total / run.requests;
  const s3 = (action: string) => counted.filter((call) => call.service === "s3" && call.action === action).length;
  return {
    transitions: each(run.transitions),
    writeUnits: each(sum(counted, ({ writeUnits }) => writeUnits)),
    readUnits: each(sum(counted, ({ readUnits }) => readUnits)),
    standardRequests: each(sum(polled, ({ requests }) => requests) + sendRequests(counted, false, run.batch)),
    fifoRequests: each(sendRequests(counted, true, run.batch)),
    invocations: each(invocations.length),
    logBytes: each(sum(invocations, logged)),
    s3Puts: each(s3("PUT")),
    s3Gets: each(s3("GET")),
    keptBytes: each(run.keptBytes),
  };
}

/** Names of the metrics in the functions' logs: each is charged for by itself. */
export function metricsIn({ invocations }: Tallied): readonly string[] {
  const lines = invocations.flatMap(({ name, lines }) => lines.map((line) => [name, line] as const));
  return lines.flatMap(([name, line]) =>
    line.includes('"_aws"') ? [...line.matchAll(/"Name":"([^"]+)"/g)].map(([, metric]) => `${name} ${metric}`) : [],
  );
}
