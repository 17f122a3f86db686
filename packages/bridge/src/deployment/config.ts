import * as z from "zod";
import { RouteType } from "../ids.ts";
import { explain } from "../route.ts";

/**
 * An ARN of one service; the account and the region stand in it. Of AWS's commercial regions alone: the definitions of the
 * machines name integrations by `arn:aws:states:::`, which China and GovCloud call otherwise.
 */
const arn = (service: string, what: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws:${service}:[a-z0-9-]*:(\\d{12})?:.+$`),
      `must be the ARN of ${what} (arn:aws:${service}:...)`,
    );

const QueueArn = arn("sqs", "a queue");
const TopicArn = arn("sns", "a topic");
const FunctionArn = arn("lambda", "a function");
const RoleArn = arn("iam", "a role");
const KeyArn = arn("kms", "a key");
const TableArn = arn("dynamodb", "a table");
const StreamArn = arn("dynamodb", "a stream").regex(/\/stream\//, "must be the ARN of a stream (.../stream/...)");

const routes = z.array(RouteType).min(1);

/**
 * The old consumer reads a queue. `lambda`: by an event source mapping, which `attach` moves. `process`: a program of its
 * own, which a person moves when `attach` says so. The role is let into the forward queue.
 */
export const QueueConsumer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("lambda"), functionArn: FunctionArn, roleArn: RoleArn }),
  z.strictObject({ kind: z.literal("process"), roleArn: RoleArn }),
]);
export type QueueConsumer = z.infer<typeof QueueConsumer>;

/**
 * The old consumer is subscribed to a topic without a queue. `lambda`: the bridge invokes it with the event of SNS.
 * `topic`: it listens to another topic as well, and the bridge publishes there; `subscriptionArn` is the one that it has
 * at the first topic, and that `attach` ends.
 */
export const TopicConsumer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("lambda"), functionArn: FunctionArn }),
  z.strictObject({ kind: z.literal("topic"), topicArn: TopicArn, subscriptionArn: TopicArn }),
]);
export type TopicConsumer = z.infer<typeof TopicConsumer>;

/** The bridge takes over a queue, and the old consumer reads a forward queue. */
export const QueueSource = z.strictObject({
  attach: z.literal("intercept"),
  at: z.literal("queue"),
  queueUrl: z.url(),
  queueArn: QueueArn,
  /** The key that the queue is encrypted with, where it is one of your own. */
  keyArn: KeyArn.optional(),
  /** Topics that feed the queue with notifications; none for a plain queue and for raw delivery. */
  topicArns: z.array(TopicArn).default([]),
  /** `fifo` unless the old consumer cannot read one: SQS then drops a repeated send (P2). */
  forward: z.enum(["fifo", "standard"]).default("fifo"),
  /** Of the queue, in seconds; the forward queue gets the same, and `attach` compares. */
  visibilitySeconds: z.int().min(1).max(43_200).default(30),
  /** Receives before a message of the forward queue goes to its dead-letter queue. */
  maxReceives: z.int().min(1).max(1_000).default(10),
  consumer: QueueConsumer,
  routes,
});

/** The bridge takes the place of a subscriber without a queue. */
export const TopicSource = z.strictObject({
  attach: z.literal("intercept"),
  at: z.literal("topic"),
  topicArn: TopicArn,
  consumer: TopicConsumer,
  /**
   * For so long both subscriptions stand, and duplicates are possible: until the new one works everywhere. Unless given,
   * 15 minutes where there is a filter policy (SNS guide, "subscription filter policies"), else one.
   */
  overlapSeconds: z.number().int().min(0).max(86_400).optional(),
  /**
   * For so long the old consumer may still work on what it was given before its subscription ended: of a function, its
   * MaximumEventAgeInSeconds, which is 6 hours where nobody has set it.
   */
  drainSeconds: z.number().int().min(1).max(86_400).default(21_600),
  routes,
});

/** The bridge listens beside the old subscription, and nothing else changes. */
export const TapSource = z.strictObject({ attach: z.literal("tap"), topicArn: TopicArn, routes });

export const SourceConfig = z.union([z.discriminatedUnion("at", [QueueSource, TopicSource]), TapSource]);
export type SourceConfig = z.infer<typeof SourceConfig>;
export type QueueSource = z.infer<typeof QueueSource>;
export type TopicSource = z.infer<typeof TopicSource>;
export type TapSource = z.infer<typeof TapSource>;

/** How rows are found where the tracking table has no stream: by the open claims, or by an index of the table. */
export const TrackingPoll = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("claims") }),
  z.strictObject({
    by: z.literal("index"),
    index: z.string().min(3),
    /** The values of the partition key under which rows stand; those that are left out are not looked at. */
    partition: z.strictObject({ attribute: z.string().min(1), values: z.array(z.string().min(1)).min(1) }),
    /** Grows with every write of a row. */
    sort: z.string().min(1),
    sortKind: z.enum(["epoch-ms", "iso"]),
  }),
]);
export type TrackingPoll = z.infer<typeof TrackingPoll>;

const name = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, "must be 1 to 20 of a-z, 0-9 and -, a letter first");

/** Of an environment; Lambda keeps some to itself (Lambda guide, "Reserved environment variables"). */
const variable = z
  .string()
  .regex(
    /^(?!AWS_|LAMBDA_)[A-Za-z][A-Za-z0-9_]+$/,
    "must be letters, digits and _, and not begin with AWS_ or LAMBDA_",
  );

/** A statement of least privilege that a check of the migration needs: exact actions on exact ARNs. */
const Permission = z.strictObject({
  actions: z
    .array(z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/, "must be one exact action, like dynamodb:GetItem"))
    .min(1),
  resources: z.array(z.string().regex(/^arn:[^*]+$/, "must be one exact ARN, without *")).min(1),
});

/** Scheme, host and port, and nothing behind them. */
const origin = z
  .url({ protocol: /^https$/ })
  .refine((text) => new URL(text).origin === text, "must be an https origin");

/** Who may use the dashboard: people whom an OpenID Connect issuer of yours signs in. */
export const DashboardConfig = z.strictObject({
  /** To the letter as the tokens name it; its keys are found under /.well-known/openid-configuration. */
  issuer: z.url({ protocol: /^https$/ }),
  /** Whom access tokens are for. Cognito's name no audience: say the client id. */
  audience: z.string().min(1),
  /** The app's own id at the issuer: a public client, with PKCE, that may return to `<dashboard>/signed-in`. */
  clientId: z.string().min(1),
  scope: z.string().min(1).default("openid profile email"),
  /** The claim that says the role, like `cognito:groups`, or a path to it, like `realm_access.roles`. */
  roleClaim: z.string().min(1).default("roles"),
  /** Its values that make a viewer, and those that make an operator. */
  viewers: z.array(z.string().min(1)).default(["viewer"]),
  operators: z.array(z.string().min(1)).default(["operator"]),
  /** What the page calls besides the issuer's own origin to sign in: of Cognito, `https://<domain>.auth.<region>...`. */
  signInOrigins: z.array(origin).default([]),
});
export type DashboardConfig = z.infer<typeof DashboardConfig>;

/** One stage of a bridge beside one legacy system: everything that is there already, by reference only (B2). */
export const DeploymentConfig = z
  .strictObject({
    accountId: z.string().regex(/^\d{12}$/, "must be the 12 digits of an AWS account"),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region, like eu-west-1"),
    /** The request-tracking table. `changes`: its stream, or how it is polled where it has none. */
    tracking: z.strictObject({
      tableArn: TableArn,
      keyArn: KeyArn.optional(),
      changes: z.union([z.strictObject({ streamArn: StreamArn }), z.strictObject({ poll: TrackingPoll })]),
    }),
    sources: z.record(name, SourceConfig).refine((sources) => Object.keys(sources).length > 0, "must name one source"),
    /** Where card charges are: rows of a table, or Stripe (its key is a secret, set by `sst secret`). */
    payments: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("table"), tableArn: TableArn, keyArn: KeyArn.optional() }),
      z.strictObject({ kind: z.literal("stripe") }),
    ]),
    /** By check of the migration: what its function needs. */
    checks: z
      .record(
        z.string(),
        z.strictObject({
          environment: z.record(variable, z.string()).default({}),
          permissions: z.array(Permission).default([]),
        }),
      )
      .default({}),
    /** Without it, no dashboard and no API is deployed. */
    dashboard: DashboardConfig.optional(),
    /** Where alarms go besides the bridge's own topic. */
    alarmEmail: z.email().optional(),
    /** Keeps every table, bucket and queue of the bridge when it is removed. True unless given. */
    retain: z.boolean().default(true),
    /** Logs what executions carry; never where customers' data runs. */
    executionData: z.boolean().default(false),
  })
  .superRefine(({ accountId, region, sources, tracking, payments }, context) => {
    const say = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const place = (path: (string | number)[], given: string) => {
      const [, , , itsRegion, itsAccount] = given.split(":");
      if (itsAccount !== accountId) say(path, `is of account ${itsAccount}, and accountId is another`);
      if (itsRegion !== "" && itsRegion !== region) say(path, `is in ${itsRegion}, and region is ${region}`);
    };
    place(["tracking", "tableArn"], tracking.tableArn);
    // The functions know it by its name alone: elsewhere it would be another table.
    if (payments.kind === "table") place(["payments", "tableArn"], payments.tableArn);
    if ("streamArn" in tracking.changes && !tracking.changes.streamArn.startsWith(`${tracking.tableArn}/stream/`))
      say(["tracking", "changes", "streamArn"], "must be a stream of tracking.tableArn");
    const taken = new Map<string, string>();
    for (const [source, config] of Object.entries(sources)) {
      const at = ["sources", source];
      if ("at" in config && config.at === "queue") {
        place([...at, "queueArn"], config.queueArn);
        place([...at, "consumer", "roleArn"], config.consumer.roleArn);
        const [, , , , account, queue] = config.queueArn.split(":");
        if (!config.queueUrl.endsWith(`/${account}/${queue}`)) say([...at, "queueUrl"], "is not the URL of queueArn");
      } else place([...at, "topicArn"], config.topicArn);
      for (const route of config.routes) {
        const other = taken.get(route);
        if (other !== undefined)
          say([...at, "routes"], `${route} comes by ${other} already: a request would arrive twice`);
        taken.set(route, source);
      }
    }
  });
export type DeploymentConfig = z.infer<typeof DeploymentConfig>;

/** What a person writes: defaults left out. */
export type DeploymentInput = z.input<typeof DeploymentConfig>;

/** Every stage of a migration, by its name. */
export type Deployments = (stage: string) => DeploymentConfig;

/**
 * The one file that a person fills in: what is there already, for each stage.
 * @returns a function from the stage's name to its configuration; it throws TypeError that names the field and its rule,
 * or the stages that there are.
 */
export function defineDeployment(stages: Readonly<Record<string, DeploymentInput>>): Deployments {
  return (stage) => {
    const given = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
    if (given === undefined) {
      throw new TypeError(
        `crossfade.config.ts has no stage "${stage}": add it, or use one of ${Object.keys(stages).join(", ")}`,
      );
    }
    const parsed = DeploymentConfig.safeParse(given);
    if (parsed.success) return parsed.data;
    const { field, rule } = explain(parsed.error);
    throw new TypeError(`crossfade.config.ts, stage ${stage}: ${field}: ${rule}`);
  };
}
