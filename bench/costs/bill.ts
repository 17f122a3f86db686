import { ASSUMED, price } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** Dollars, by what they are paid for. */
export interface Bill {
  readonly stepFunctions: number;
  readonly dynamoDb: number;
  readonly sqs: number;
  readonly lambdaRequests: number;
  /** Not counted: from the time that is assumed. */
  readonly lambdaTime: number;
  readonly logs: number;
  readonly s3: number;
}

const GIGABYTE = 1e9;

const lambdaTime = (invocations: number): number =>
  price("gigabyteSeconds", invocations * (ASSUMED.milliseconds / 1_000) * (ASSUMED.megabytes / 1_024));

/** What so many times that usage costs. What it leaves in the ledger is charged by the month: see `keptOf`. */
export const billOf = (usage: Usage, times: number): Bill => ({
  stepFunctions: price("transitions", usage.transitions * times),
  dynamoDb: price("writeUnits", usage.writeUnits * times) + price("readUnits", usage.readUnits * times),
  sqs: price("standardRequests", usage.standardRequests * times) + price("fifoRequests", usage.fifoRequests * times),
  lambdaRequests: price("invocations", usage.invocations * times),
  lambdaTime: lambdaTime(usage.invocations * times),
  logs: price("logs", (usage.logBytes * times) / GIGABYTE),
  s3: price("s3Puts", usage.s3Puts * times) + price("s3Gets", usage.s3Gets * times),
});

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, each) => sum + each, 0);

/** Gigabytes that stay in the ledger, and dollars a month for them with point-in-time recovery. */
export function keptOf(usage: Usage, times: number): { readonly gigabytes: number; readonly dollars: number } {
  const gigabytes = (usage.keptBytes * times) / GIGABYTE;
  return { gigabytes, dollars: price("storage", gigabytes) + price("backup", gigabytes) };
}
