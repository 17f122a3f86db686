import type { Mapping } from "./mapping.ts";
import type { View } from "./standing.ts";
import type { StepName } from "./steps.ts";

type Guard = (view: View) => string | undefined;

const off = (mapping: Mapping | undefined, what: string) =>
  mapping?.state === "Disabled" ? undefined : `${what} is not off`;
const on = (mapping: Mapping | undefined, what: string) =>
  mapping?.state === "Enabled" ? undefined : `${what} is not on`;
const isQueueLambda = ({ place: { source } }: View) =>
  "at" in source.config && source.config.at === "queue" && source.config.consumer.kind === "lambda";
const isTopic = ({ place: { source } }: View) => "at" in source.config && source.config.at === "topic";

/** What must still be so when a step acts: somebody may have changed by hand what earlier steps did. */
const GUARDS: Readonly<Partial<Record<StepName, Guard>>> = {
  "ingest-on": (view) => (isQueueLambda(view) ? off(view.seen.old, "the old consumer's mapping") : undefined),
  sweep: (view) =>
    off(view.seen.ingest, "ingest's mapping") ??
    (isQueueLambda(view) ? off(view.seen.old, "the old consumer's mapping") : undefined),
  "old-on": (view) => off(view.seen.ingest, "ingest's mapping"),
  "unsubscribe-old": (view) =>
    on(view.seen.ingest, "ingest's mapping") ??
    (view.seen.intakeSubscription === undefined ? "the intake queue is not subscribed" : undefined),
  "unsubscribe-intake": (view) =>
    isTopic(view) && view.seen.oldSubscription === undefined ? "the old consumer is not subscribed" : undefined,
  release: (view) =>
    on(view.seen.ingest, "ingest's mapping") ??
    (isQueueLambda(view)
      ? (off(view.seen.old, "the old consumer's mapping") ??
        on(view.seen.forwardMapping, "the mapping on the forward queue"))
      : undefined) ??
    (isTopic(view) && view.seen.oldSubscription !== undefined ? "the old consumer is subscribed" : undefined),
};

/** Why a step must not act now; undefined where it may. */
export const guard = (step: StepName, view: View): string | undefined => GUARDS[step]?.(view);
