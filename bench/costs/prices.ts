/** List prices of us-east-1, as they were read; nothing here looks them up. Free allowances and discounts are left out. */
export interface Price {
  readonly what: string;
  readonly dollars: number;
  /** So many of the unit cost that. */
  readonly per: number;
  readonly unit: string;
  /** Where it was read. */
  readonly source: string;
}

export const REGION = "us-east-1";
/** The day on which the stored copies were read; each copy is older. */
export const READ_ON = "2026-11-21";

const AWS = "https://aws.amazon.com";
const GUIDES = "https://www.factualminds.com/blog";
const SQS_GUIDE = `[guide of 2026-06](${GUIDES}/amazon-sqs-pricing-64kb-rule-fifo-vs-standard/)`;
const DYNAMODB_GUIDE = "[guide of 2025-07](https://airbyte.com/data-engineering-resources/dynamodb-pricing)";
const LAMBDA_GUIDE = "[guide of 2024](https://cloudchipr.com/blog/aws-lambda-pricing)";
const S3_GUIDE = "[guide, no date](https://c3x.dev/blog/s3-request-fees-explained)";
const CLOUDWATCH_GUIDE = "[guide of 2026-02](https://signoz.io/guides/cloudwatch-pricing)";

const MILLION = 1_000_000;

export const PRICES = {
  transitions: {
    what: "Step Functions, Standard",
    ...{ dollars: 0.025, per: 1_000, unit: "state transitions" },
    source: `[AWS](${AWS}/step-functions/pricing/)`,
  },
  writeUnits: {
    what: "DynamoDB on demand, writes",
    ...{ dollars: 0.625, per: MILLION, unit: "write request units" },
    source: DYNAMODB_GUIDE,
  },
  readUnits: {
    what: "DynamoDB on demand, reads",
    ...{ dollars: 0.125, per: MILLION, unit: "read request units" },
    source: DYNAMODB_GUIDE,
  },
  storage: {
    what: "DynamoDB, storage",
    ...{ dollars: 0.25, per: 1, unit: "GB for a month" },
    source: `[AWS](${AWS}/dynamodb/pricing/)`,
  },
  backup: {
    what: "DynamoDB, point-in-time recovery",
    ...{ dollars: 0.2, per: 1, unit: "GB for a month" },
    source: "not found in a stored copy: look it up",
  },
  standardRequests: {
    what: "SQS, standard queues",
    ...{ dollars: 0.4, per: MILLION, unit: "requests" },
    source: SQS_GUIDE,
  },
  fifoRequests: {
    what: "SQS, FIFO queues",
    ...{ dollars: 0.5, per: MILLION, unit: "requests" },
    source: SQS_GUIDE,
  },
  invocations: {
    what: "Lambda, requests",
    ...{ dollars: 0.2, per: MILLION, unit: "invocations" },
    source: LAMBDA_GUIDE,
  },
  gigabyteSeconds: {
    what: "Lambda, arm64",
    ...{ dollars: 0.0000133334, per: 1, unit: "GB-second" },
    source: LAMBDA_GUIDE,
  },
  publishes: {
    what: "SNS, standard topics",
    ...{ dollars: 0.5, per: MILLION, unit: "publishes" },
    source: `[guide of 2026-06](${GUIDES}/amazon-sns-pricing-publishes-fanout-protocols/)`,
  },
  s3Puts: { what: "S3, PUT", ...{ dollars: 0.005, per: 1_000, unit: "requests" }, source: S3_GUIDE },
  s3Gets: { what: "S3, GET", ...{ dollars: 0.0004, per: 1_000, unit: "requests" }, source: S3_GUIDE },
  schedules: {
    what: "EventBridge Scheduler",
    ...{ dollars: 1, per: MILLION, unit: "invocations" },
    source: "[guide of 2026-03](https://cloudburn.io/blog/amazon-eventbridge-pricing)",
  },
  events: {
    what: "EventBridge, events of AWS services on the default bus",
    ...{ dollars: 0, per: MILLION, unit: "events" },
    source: `[guide of 2026-06](${GUIDES}/amazon-eventbridge-pricing-events-pipes-schema-archive/)`,
  },
  logs: {
    what: "CloudWatch Logs, ingestion",
    ...{ dollars: 0.5, per: 1, unit: "GB" },
    source: `[guide of 2026-06](${GUIDES}/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/)`,
  },
  metrics: {
    what: "CloudWatch, custom metrics",
    ...{ dollars: 0.3, per: 1, unit: "metric for a month" },
    source: CLOUDWATCH_GUIDE,
  },
  alarms: {
    what: "CloudWatch, standard alarms",
    ...{ dollars: 0.1, per: 1, unit: "alarm for a month" },
    source: CLOUDWATCH_GUIDE,
  },
} as const satisfies Readonly<Record<string, Price>>;

/** What cannot be measured on the embedded cloud. Another number moves the price in proportion. */
export const ASSUMED = {
  /** Of one invocation, whatever the function and the size of its batch; starts from cold are left out. */
  milliseconds: 100,
  /** As the stacks deploy every function. */
  megabytes: 1_024,
  /** Receives under way at an idle queue that Lambda polls, and seconds for which each waits. */
  idlePollers: 5,
  idleWaitSeconds: 20,
} as const;

/** Seconds of a month of 730 hours. */
export const MONTH = 730 * 3_600;

export const price = (what: keyof typeof PRICES, amount: number): number =>
  (amount * PRICES[what].dollars) / PRICES[what].per;
