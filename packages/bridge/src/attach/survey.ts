import type { RouteType } from "../ids.ts";
import type { ClaimLedger, Clock, RolloutStore } from "../ports.ts";
import type { Journal } from "./journal.ts";
import type { Mappings, Queues, Subscriptions } from "./ports.ts";
import type { Place, Seen, Subscription } from "./seen.ts";

export interface SurveyDeps {
  readonly mappings: Mappings;
  readonly subscriptions: Subscriptions;
  readonly queues: Queues;
  readonly rollouts: Pick<RolloutStore, "read">;
  readonly claims: Pick<ClaimLedger, "inFlight">;
  readonly clock: Clock;
}

/** Claims in one page. */
const PAGE = 200;

/** Requests of a route that are claimed for the order path and have not ended. */
async function ordersInFlight({ claims, clock }: SurveyDeps, route: RouteType): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const { entries, next } = await claims.inFlight(route, clock.now() + 1, PAGE, after);
    count += entries.filter(({ path }) => path === "order").length;
    after = next;
  } while (after !== undefined);
  return count;
}

/** The old consumer's subscription: by its ARN at first, then by where it delivers, since its ARN changes. */
async function oldSubscription(
  { subscriptions }: SurveyDeps,
  { source: { config } }: Place,
  journal: Journal | undefined,
): Promise<Subscription | undefined> {
  if (config.attach !== "intercept" || config.at !== "topic") return undefined;
  const { consumer, topicArn } = config;
  const kept = journal?.kept.oldSubscription;
  const endpoint = consumer.kind === "lambda" ? consumer.functionArn : kept?.endpoint;
  const wanted =
    endpoint === undefined && consumer.kind === "topic"
      ? { arn: consumer.subscriptionArn }
      : { endpoint: endpoint ?? "" };
  return (await subscriptions.find(topicArn, wanted))?.[0];
}

/** Looks at everything that the steps of a source depend on. Changes nothing. */
export async function survey(deps: SurveyDeps, place: Place, journal: Journal | undefined): Promise<Seen | undefined> {
  const { mappings, queues, subscriptions } = deps;
  const { config, intake, forward, mappingId } = place.source;
  const atQueue = config.attach === "intercept" && config.at === "queue" ? config : undefined;
  const functionArn = atQueue?.consumer.kind === "lambda" ? atQueue.consumer.functionArn : undefined;
  const forwardQueue = forward.kind === "fifo" || forward.kind === "standard" ? forward : undefined;
  const find = (queueArn: string | undefined) =>
    functionArn === undefined || queueArn === undefined ? [] : mappings.find(functionArn, queueArn);
  const [sight, ingest, olds, forwards, forwardSight, old, ours, rollouts, inFlight] = await Promise.all([
    queues.look(intake.queueUrl),
    mappings.read(mappingId),
    find(intake.queueArn),
    find(forwardQueue?.queueArn),
    forwardQueue && queues.look(forwardQueue.queueUrl),
    oldSubscription(deps, place, journal),
    atQueue === undefined && "topicArn" in config
      ? subscriptions.find(config.topicArn, { endpoint: intake.queueArn })
      : [],
    Promise.all(config.routes.map((route) => deps.rollouts.read(route))),
    Promise.all(config.routes.map((route) => ordersInFlight(deps, route))),
  ]);
  if (sight === undefined) return undefined;
  return {
    now: deps.clock.now(),
    rollouts,
    ordersInFlight: inFlight.reduce((sum, n) => sum + n, 0),
    intake: sight,
    ingest,
    old: olds.length === 1 ? olds[0] : undefined,
    oldMappings: olds.length,
    forward: forwardSight,
    forwardMapping: forwards[0],
    topicGone: ours === undefined,
    oldSubscription: old,
    intakeSubscription: ours?.[0],
  };
}
