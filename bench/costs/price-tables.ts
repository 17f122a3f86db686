import { type Bill, billOf, keptOf, total } from "./bill.ts";
import type { Batch, Counted } from "./count.ts";
import { finder, named } from "./found.ts";
import { ASSUMED, PRICES } from "./prices.ts";
import { SCENARIOS, type What } from "./scenarios.ts";
import { dollars, number, range, table } from "./text.ts";

const MILLION = 1_000_000;

const COLUMNS = [
  "stepFunctions",
  "dynamoDb",
  "sqs",
  "lambdaRequests",
  "lambdaTime",
  "logs",
  "s3",
] as const satisfies readonly (keyof Bill)[];

export function pathsTable(counted: Counted): string {
  const of = finder(counted);
  const rows = SCENARIOS.map(({ what }) => {
    const tens = billOf(of(what, 10).usage, MILLION);
    const alone = billOf(of(what, 1).usage, MILLION);
    const kept = keptOf(of(what, 10).usage, MILLION);
    return [
      named(what),
      ...COLUMNS.map((each) => dollars(tens[each])),
      dollars(total(tens)),
      dollars(total(alone)),
      dollars(kept.dollars),
    ];
  });
  const time = `Lambda time, at ${ASSUMED.milliseconds} ms`;
  return table(
    [
      "A million messages",
      "Step Functions",
      "DynamoDB",
      "SQS",
      "Lambda requests",
      time,
      "Logs",
      "S3",
      "In tens",
      "One by one",
      "Kept, a month",
    ],
    rows,
  );
}

interface RouteRow {
  readonly route: string;
  readonly legacy: What;
  readonly order: What;
}

const ROUTES: readonly RouteRow[] = [
  { route: "RENEW_DOMAIN", legacy: "RENEW_DOMAIN by FIFO forward queue", order: "RENEW_DOMAIN with payment" },
  { route: "REFRESH_DOMAIN", legacy: "REFRESH_DOMAIN by FIFO forward queue", order: "REFRESH_DOMAIN without pin" },
  { route: "UPDATE_DNS, a worker", legacy: "UPDATE_DNS by standard forward queue", order: "UPDATE_DNS by a worker" },
  {
    route: "UPDATE_DNS, the legacy service",
    legacy: "UPDATE_DNS by standard forward queue",
    order: "UPDATE_DNS by the legacy service",
  },
];

/** Stages by the share of the messages that goes to the order path. */
const STAGES = [
  ["legacy", 0],
  ["split, 10 %", 0.1],
  ["split, 50 %", 0.5],
  ["order", 1],
] as const;

export function stagesTable(counted: Counted): string {
  const of = finder(counted);
  const rows = ROUTES.map(({ route, legacy, order }) => [
    route,
    ...STAGES.map(([, share]) => {
      const cost = (batch: Batch) =>
        total(billOf(of(legacy, batch).usage, MILLION * (1 - share))) +
        total(billOf(of(order, batch).usage, MILLION * share));
      return range(dollars(cost(10)), dollars(cost(1)));
    }),
  ]);
  return table(["A million messages", ...STAGES.map(([stage]) => stage)], rows);
}

export function pricesTable(): string {
  const rows = Object.values(PRICES).map(({ what, dollars: price, per, unit, source }) => [
    what,
    `$${price.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 10 })}`,
    `${number(per)} ${unit}`,
    source,
  ]);
  return table(["For", "Price", "Per", "Read in"], rows);
}
