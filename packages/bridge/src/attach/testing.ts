import * as z from "zod";
import type { Claim } from "../claim.ts";
import { DeployedSource } from "../deployment/deployed.ts";
import { BridgeError } from "../errors.ts";
import { RouteType } from "../ids.ts";
import type { IngestDeps } from "../ingest.ts";
import { initialRollout, Rollout } from "../rollout.ts";
import { defineMigration, defineRoute } from "../route.ts";
import { clock, ScriptedClaims } from "../testing.ts";
import type { Journal } from "./journal.ts";
import type { Mapping, MappingSettings } from "./mapping.ts";
import type { AttachDeps } from "./run.ts";
import type { Place, QueueSight, Subscription } from "./seen.ts";
import type { Attachment } from "./steps.ts";

// For unit tests only; nothing else imports this.

export const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:old";
const FORWARD = "arn:aws:sqs:eu-west-1:000000000000:forward.fifo";
const INTAKE = "arn:aws:sqs:eu-west-1:000000000000:intake";
const TOPIC = "arn:aws:sns:eu-west-1:000000000000:topic";
const OLD = "arn:aws:lambda:eu-west-1:000000000000:function:old";
const INGEST = "arn:aws:lambda:eu-west-1:000000000000:function:crossfade-ingest";
const url = (arn: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${arn.split(":").at(-1)}`;
const roleArn = "arn:aws:iam::000000000000:role/old";

export const ROUTE = RouteType.parse("REFRESH_DOMAIN");
export const OLD_SETTINGS: MappingSettings = {
  BatchSize: 7,
  ScalingConfig: { MaximumConcurrency: 3 },
  FunctionResponseTypes: ["ReportBatchItemFailures"],
};
export const FILTER = { FilterPolicy: '{"kind":["refresh"]}', FilterPolicyScope: "MessageAttributes" };

const intercepted = { attach: "intercept", at: "queue", queueUrl: url(QUEUE), queueArn: QUEUE, visibilitySeconds: 30 };
const CONFIGS = {
  "queue-lambda": { ...intercepted, consumer: { kind: "lambda", functionArn: OLD, roleArn } },
  "queue-process": { ...intercepted, consumer: { kind: "process", roleArn } },
  topic: {
    ...{ attach: "intercept", at: "topic", topicArn: TOPIC, consumer: { kind: "lambda", functionArn: OLD } },
    ...{ overlapSeconds: 20, drainSeconds: 60 },
  },
  tap: { attach: "tap", topicArn: TOPIC },
} as const satisfies Record<Attachment, unknown>;
const FORWARDS = {
  "queue-lambda": { kind: "fifo", queueUrl: url(FORWARD), queueArn: FORWARD },
  "queue-process": { kind: "fifo", queueUrl: url(FORWARD), queueArn: FORWARD },
  topic: { kind: "lambda", functionArn: OLD },
  tap: { kind: "tap" },
} as const satisfies Record<Attachment, unknown>;

export function placeOf(attachment: Attachment): Place {
  const queueArn = attachment.startsWith("queue") ? QUEUE : INTAKE;
  const source = DeployedSource.parse({
    config: { ...CONFIGS[attachment], routes: [ROUTE] },
    intake: { queueUrl: url(queueArn), queueArn },
    mappingId: "ingest",
    forward: FORWARDS[attachment],
  });
  const deployed = { accountId: "000000000000", region: "eu-west-1", ingestFunction: "crossfade-ingest" };
  return {
    name: "refreshes",
    source,
    deployed: { ...deployed, ingestTimeoutSeconds: 5 },
    rolloutAgeMs: 1_000,
    settleMs: 60_000,
  };
}

/** What a process says that is no more. */
export class Crash extends Error {
  override readonly name = "Crash";
}

const Message = z.strictObject({ type: z.literal("REFRESH_DOMAIN"), requestId: z.string() });
const migration = defineMigration({
  name: "webcat",
  routes: [
    defineRoute<z.infer<typeof Message>>({
      type: "REFRESH_DOMAIN",
      message: Message,
      requestId: (message) => message.requestId,
      cohort: () => "cust-1",
      toOrder: () => {
        throw new TypeError("nothing of a held route becomes an order");
      },
      toTracking: () => ({}),
      legacyOutcome: () => undefined,
    }),
  ],
  tracking: {
    ...{ keyAttribute: "requestId", fenceAttribute: "fence", endAttributes: [] },
    ...{ read: () => undefined, received: () => ({}), working: () => ({}) },
  },
});

/** Ingest of a held route over a ledger that knows some claims; what it sends is noted. */
export function ingestOver(known: readonly Claim[], sent: string[], send?: () => Promise<void>): IngestDeps {
  const forward = { kind: "fifo" as const, queueUrl: url(FORWARD) };
  return {
    migration,
    sources: [{ queueArn: QUEUE, topicArns: [], forward }],
    flag: {
      choose: async () => ({ path: "legacy", reason: "before-switch", bucket: 7, stage: "legacy", rolloutVersion: 1 }),
    },
    ledger: new ScriptedClaims(
      known.length > 0 ? known.map((claim) => ({ kind: "exists", claim })) : ["claimed", "claimed", "claimed"],
      known,
    ),
    orders: { start: async () => ({ kind: "started" }) },
    payloads: { put: async () => {} },
    shadow: { orders: { start: async () => ({ kind: "started" }) }, payloads: { put: async () => {} } },
    forwarder: {
      send: async ({ body }) => {
        await send?.();
        sent.push(body);
      },
    },
    quarantine: { keep: async () => {} },
    rejections: { keepRejected: async () => {} },
    redelivery: { comeBackIn: async () => {} },
    tracking: {
      read: async () => undefined,
      write: async () => "no-row",
      restore: async () => false,
      create: async () => {},
    },
    clock,
    identities: { next: () => "me" },
    leaseMs: 60_000,
  };
}

/** Milliseconds for which a mapping is on its way to a state. */
const TRANSITION = 2_000;

interface FakeMapping {
  readonly mapping: Omit<Mapping, "state" | "changedAt">;
  readonly from: Mapping["state"];
  readonly to: Mapping["state"];
  readonly at: number;
}

const queueOf = (arn: string): QueueSight => ({
  ...{ arn, visibilitySeconds: 30, visible: 0, inFlight: 0, delayed: 0, mostReceives: 10 },
});

/** A cloud whose clock moves when somebody waits; an operator in it crashes at its n-th change. */
export class FakeCloud {
  now = Date.UTC(2026, 10, 21, 9);
  rollout: Rollout = initialRollout(ROUTE);
  journal: Journal | undefined;
  readonly mappings = new Map<string, FakeMapping>();
  readonly queues = new Map([QUEUE, FORWARD, INTAKE].map((arn) => [url(arn), queueOf(arn)]));
  subscriptions: Subscription[] = [];
  topicGone = false;
  inFlight: readonly Claim[] = [];
  /** Every change that was made, in order. */
  readonly changes: string[] = [];
  /** When each of them was made. */
  readonly changedAt: number[] = [];
  /** What never must be was seen: two readers of the source queue, or a topic without a subscriber. */
  readonly broken = new Set<string>();
  #crashAt = 0;
  #crashAfter = false;
  #made = 0;
  readonly #attachment: Attachment;

  constructor(attachment: Attachment) {
    this.#attachment = attachment;
    this.#place("ingest", INGEST, attachment.startsWith("queue") ? QUEUE : INTAKE, {}, "Disabled");
    if (attachment === "queue-lambda") this.#place("old", OLD, QUEUE, OLD_SETTINGS, "Enabled");
    if (attachment === "topic") {
      const attributes = { ...FILTER, SubscriptionArn: "s-1", Owner: "000000000000", PendingConfirmation: "false" };
      this.subscriptions = [{ arn: "s-1", protocol: "lambda", endpoint: OLD, attributes }];
    }
  }

  /** The next operator crashes at its n-th change, before it is made or after it; 0: never. */
  crashAt(n: number, after = false): void {
    this.#crashAt = n;
    this.#crashAfter = after;
    this.#made = 0;
  }

  /** What is left when all is over, without times and ids. */
  get end(): unknown {
    const { stage, hold, legacyBefore } = this.rollout;
    return {
      rollout: { stage, held: hold?.source, released: legacyBefore !== undefined },
      mappings: [...this.mappings.values()]
        .map(({ mapping: { functionArn, queueArn, settings }, to }) => ({ functionArn, queueArn, settings, to }))
        .sort((a, b) => (`${a.functionArn}${a.queueArn}` < `${b.functionArn}${b.queueArn}` ? -1 : 1)),
      subscriptions: this.subscriptions
        .map(({ protocol, endpoint, attributes: { FilterPolicy, FilterPolicyScope } }) => ({
          ...{ protocol, endpoint, FilterPolicy, FilterPolicyScope },
        }))
        .sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1)),
      finished: this.journal?.finished,
      done: Object.keys(this.journal?.done ?? {}).sort(),
    };
  }

  get deps(): AttachDeps {
    return {
      clock: { now: () => this.now },
      pause: {
        for: async (ms) => {
          this.now += Math.max(ms, 1_000);
        },
      },
      mappings: {
        read: async (id) => this.#mapping(id),
        find: async (functionArn, queueArn) =>
          [...this.mappings.keys()]
            .flatMap((id) => this.#mapping(id) ?? [])
            .filter((mapping) => mapping.functionArn === functionArn && mapping.queueArn === queueArn),
        perform: ({ action, input }) =>
          this.#change(`${action} ${"UUID" in input ? input.UUID : input.EventSourceArn}`, () => {
            if (action === "DeleteEventSourceMapping") this.mappings.delete(input.UUID);
            else if (action === "UpdateEventSourceMapping") this.#turn(input.UUID, input.Enabled);
            else {
              const { FunctionName, EventSourceArn, Enabled: _, ...settings } = input;
              this.#place("forward", FunctionName, EventSourceArn, settings, "Enabled");
            }
          }),
      },
      subscriptions: {
        find: async (_, wanted) =>
          this.topicGone
            ? undefined
            : this.subscriptions.filter(({ arn, endpoint }) =>
                "arn" in wanted ? wanted.arn === arn : wanted.endpoint === endpoint,
              ),
        perform: ({ action, input }) =>
          this.#change(`${action} ${action === "Subscribe" ? input.Endpoint : input.SubscriptionArn}`, () => {
            if (action === "Unsubscribe") {
              this.subscriptions = this.subscriptions.filter(({ arn }) => arn !== input.SubscriptionArn);
              return;
            }
            const { Protocol: protocol, Endpoint: endpoint, Attributes: attributes } = input;
            this.subscriptions.push({ arn: `s-${this.changes.length}`, protocol, endpoint, attributes });
          }),
      },
      queues: {
        look: async (queueUrl) => this.queues.get(queueUrl),
        receive: async () => [],
        hide: async () => {},
        acknowledge: async () => {},
      },
      rollouts: {
        read: async () => this.rollout,
        write: (rollout) =>
          this.#change(`rollout ${rollout.hold ? "held" : "released"}`, () => {
            this.rollout = Rollout.parse(rollout);
          }),
      },
      claims: {
        inFlight: async () => ({ entries: this.inFlight, next: undefined }),
      },
      journals: {
        read: async () => this.journal,
        write: (journal) =>
          this.#change("journal", () => {
            if ((this.journal?.version ?? 0) !== journal.version - 1) {
              throw new BridgeError("ATTACH_CHANGED", "reject", "another operator");
            }
            this.journal = journal;
          }),
      },
      ingest: async () => ingestOver([], []),
    };
  }

  switchByHand(id: string, on: boolean): void {
    if (this.#mapping(id)?.state === (on ? "Disabled" : "Enabled")) this.#turn(id, on);
  }

  async #change(name: string, make: () => void): Promise<void> {
    this.#made++;
    const dies = this.#made === this.#crashAt;
    if (dies && !this.#crashAfter) throw new Crash(name);
    make();
    if (name !== "journal") {
      this.changes.push(name);
      this.changedAt.push(this.now);
    }
    this.#watch();
    if (dies) throw new Crash(name);
  }

  #watch(): void {
    const off = (id: string) => (this.#mapping(id)?.state ?? "Disabled") === "Disabled";
    if (this.#attachment === "queue-lambda" && !off("old") && !off("ingest"))
      this.broken.add("two readers of the queue");
    if (this.#attachment === "topic" && this.subscriptions.length === 0) this.broken.add("nobody at the topic");
  }

  #place(id: string, functionArn: string, queueArn: string, settings: MappingSettings, to: Mapping["state"]): void {
    const mapping = { id, functionArn, queueArn, settings };
    this.mappings.set(id, { mapping, from: id === "forward" ? "Creating" : to, to, at: this.now });
  }

  #turn(id: string, on: boolean): void {
    const found = this.mappings.get(id);
    const settled = this.#mapping(id)?.state;
    if (found === undefined || (settled !== "Enabled" && settled !== "Disabled"))
      throw new Error(`${id} is ${settled}`);
    this.mappings.set(id, {
      ...found,
      from: on ? "Enabling" : "Disabling",
      to: on ? "Enabled" : "Disabled",
      at: this.now,
    });
  }

  #mapping(id: string): Mapping | undefined {
    const found = this.mappings.get(id);
    if (found === undefined) return undefined;
    const { mapping, from, to, at } = found;
    return { ...mapping, state: this.now < at + TRANSITION ? from : to, changedAt: at };
  }
}
