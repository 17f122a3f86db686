import { call, done, elapsed, emptied, type Looks, type View } from "./standing.ts";

/** Seconds after which no delivery is left that the old consumer had from the source. */
export function oldDrainSeconds({ place: { source }, seen, journal }: View): number {
  if ("at" in source.config && source.config.at === "topic") return source.config.drainSeconds;
  // Lambda takes no mapping whose function outlasts the visibility timeout, and holds a batch back for its window.
  const window = (seen.old?.settings ?? journal.kept.oldMapping?.settings)?.MaximumBatchingWindowInSeconds ?? 0;
  return seen.intake.visibilitySeconds + window;
}

/** Longest wait that ingest gives a message of a claim whose lease another delivery has, in seconds (ingest.ts). */
const LONGEST_WAIT = 900;

/** Seconds after which every message that ingest had in hand is back in the queue, or gone. */
export const ingestDrainSeconds = ({ place: { source }, seen }: View): number =>
  source.forward.kind === "fifo"
    ? seen.intake.visibilitySeconds
    : Math.max(seen.intake.visibilitySeconds, LONGEST_WAIT);

type Step =
  | "old-drained"
  | "ingest-drained"
  | "sweep"
  | "intake-empty"
  | "forward-empty"
  | "move-consumer"
  | "move-back";

/** Steps that wait for deliveries to be over, or are a person's. */
export const DELIVERY_LOOKS: Looks<Step> = {
  "old-drained": (view) =>
    elapsed(
      view,
      view.journal.kept.oldOffAt,
      oldDrainSeconds(view),
      "until every delivery of the old consumer is over",
    ),
  "ingest-drained": (view) => {
    const { ingestOnAt, ingestOffAt } = view.journal.kept;
    if (ingestOnAt === undefined) return done(view);
    return elapsed(view, ingestOffAt, ingestDrainSeconds(view), "until every delivery of ingest is over");
  },
  sweep: (view) => {
    const { kept } = view.journal;
    if (kept.ingestOnAt === undefined) return done(view);
    if (kept.sweptUntil !== undefined && kept.sweptUntil > view.seen.now) {
      return elapsed(view, kept.sweptUntil, 0, "until what an earlier sweep has hidden is back");
    }
    const { queueUrl: QueueUrl } = view.place.source.intake;
    const input = { QueueUrl, VisibilityTimeout: view.seen.intake.visibilitySeconds };
    return call({ service: "sqs", action: "Sweep", input });
  },
  "intake-empty": (view) => emptied(view, view.seen.intake, "the intake queue"),
  "forward-empty": (view) => emptied(view, view.seen.forward, "the forward queue"),
  "move-consumer": ({ place: { source } }) => ({
    kind: "person",
    says:
      `stop every process that reads ${source.intake.queueUrl}, and let it read ` +
      `${"queueUrl" in source.forward ? source.forward.queueUrl : "its forward queue"} from now on`,
  }),
  // Asked in any case: a person may have moved it without a word since.
  "move-back": ({ place: { source } }) => ({
    kind: "person",
    says: `let the old processes read ${source.intake.queueUrl} again, and nothing else`,
  }),
};
