import type { Kept } from "./journal.ts";
import { call, done, elapsed, type Looks, notOffSince, type Standing, type View } from "./standing.ts";

/** Attributes of a subscription that SNS computes, and that no Subscribe takes. */
const SETTABLE: ReadonlySet<string> = new Set([
  ...["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"],
  ...["ReplayPolicy", "SubscriptionRoleArn"],
]);

const pick = (attributes: Readonly<Record<string, string>>, wanted: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));

const topicOf = ({ place: { source } }: View): string =>
  "topicArn" in source.config ? source.config.topicArn : source.intake.queueArn;

const subscribe = (view: View, Protocol: string, Endpoint: string, Attributes: Readonly<Record<string, string>>) =>
  call({
    service: "sns",
    action: "Subscribe",
    input: { TopicArn: topicOf(view), Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true },
  });
const unsubscribe = (SubscriptionArn: string, kept?: Kept): Standing => ({
  kind: "do",
  calls: [{ service: "sns", action: "Unsubscribe", input: { SubscriptionArn } }],
  ...(kept && { kept }),
});

/** Both subscriptions stand for so long, in seconds; see TopicSource. */
export function overlapSeconds({ place: { source }, seen, journal }: View): number {
  if (!("at" in source.config) || source.config.at !== "topic") return 0;
  const { FilterPolicy } = seen.oldSubscription?.attributes ?? journal.kept.oldSubscription?.attributes ?? {};
  return source.config.overlapSeconds ?? (FilterPolicy === undefined ? 60 : 900);
}

type Step = "subscribe-intake" | "overlap" | "unsubscribe-old" | "subscribe-old" | "unsubscribe-intake";

/** Steps at a topic. */
export const SUBSCRIPTION_LOOKS: Looks<Step> = {
  "subscribe-intake": (view) => {
    const { seen, place } = view;
    const overlapAt = view.journal.kept.overlapAt ?? seen.now;
    if (seen.intakeSubscription !== undefined) return done(view, { overlapAt });
    const old = seen.oldSubscription?.attributes ?? view.journal.kept.oldSubscription?.attributes ?? {};
    const filter = pick(old, (name) => name === "FilterPolicy" || name === "FilterPolicyScope");
    return subscribe(view, "sqs", place.source.intake.queueArn, { ...filter, RawMessageDelivery: "false" });
  },
  overlap: (view) =>
    elapsed(view, view.journal.kept.overlapAt, overlapSeconds(view), "until the new subscription works everywhere"),
  "unsubscribe-old": (view) => {
    const { seen, journal } = view;
    if (seen.oldSubscription === undefined) return done(view, { oldOffAt: journal.kept.oldOffAt ?? seen.now });
    const { arn, ...oldSubscription } = seen.oldSubscription;
    return notOffSince(view, unsubscribe(arn, { ...journal.kept, oldSubscription }));
  },
  "subscribe-old": (view) => {
    const { seen, journal } = view;
    const overlapAt = journal.kept.overlapAt ?? seen.now;
    if (seen.oldSubscription !== undefined) return done(view, { overlapAt, oldOffAt: undefined });
    const kept = journal.kept.oldSubscription;
    if (kept === undefined)
      return { kind: "refused", says: "the old subscription is gone, and nothing is known of it" };
    const attributes = pick(kept.attributes, (name) => SETTABLE.has(name));
    return notOffSince(view, subscribe(view, kept.protocol, kept.endpoint, attributes));
  },
  "unsubscribe-intake": (view) =>
    view.seen.intakeSubscription === undefined ? done(view) : unsubscribe(view.seen.intakeSubscription.arn),
};
