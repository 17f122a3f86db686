import { settingsFor } from "./mapping.ts";
import { call, done, type Looks, notOffSince, switching } from "./standing.ts";

type Step = "forward-mapping" | "old-off" | "old-on" | "ingest-on" | "ingest-off" | "forward-off" | "forward-gone";

/** Steps that make, switch and delete event source mappings. */
export const MAPPING_LOOKS: Looks<Step> = {
  "forward-mapping": (view) => {
    const { place, seen, journal } = view;
    const { config, forward } = place.source;
    if (!("at" in config) || config.at !== "queue" || config.consumer.kind !== "lambda") return done(view);
    if (seen.forwardMapping !== undefined) {
      const { id } = seen.forwardMapping;
      return (
        switching(seen.forwardMapping, true, "the mapping on the forward queue") ?? done(view, { forwardMappingId: id })
      );
    }
    const oldMapping =
      seen.old === undefined ? journal.kept.oldMapping : { id: seen.old.id, settings: seen.old.settings };
    if (oldMapping === undefined || (forward.kind !== "fifo" && forward.kind !== "standard")) return done(view);
    const settings = settingsFor(oldMapping.settings, forward.kind);
    const input = {
      FunctionName: config.consumer.functionArn,
      EventSourceArn: forward.queueArn,
      Enabled: true as const,
    };
    return {
      kind: "do",
      calls: [{ service: "lambda", action: "CreateEventSourceMapping", input: { ...input, ...settings } }],
      kept: { ...journal.kept, oldMapping },
    };
  },
  "old-off": (view) => {
    const { old, now } = view.seen;
    const oldOffAt = view.journal.kept.oldOffAt ?? now;
    return (
      notOffSince(view, switching(old, false, "the old consumer's mapping")) ??
      done(view, { oldOffAt, ...(old !== undefined && { oldChangedAt: old.changedAt }) })
    );
  },
  "old-on": (view) =>
    notOffSince(view, switching(view.seen.old, true, "the old consumer's mapping")) ??
    done(view, { oldOffAt: undefined, oldChangedAt: undefined }),
  "ingest-on": (view) => {
    const ingestOnAt = view.journal.kept.ingestOnAt ?? view.seen.now;
    const kept = { ...view.journal.kept, ingestOnAt, ingestOffAt: undefined };
    const standing = switching(view.seen.ingest, true, "ingest's mapping") ?? done(view, kept);
    return standing.kind === "do" ? { ...standing, kept } : standing;
  },
  "ingest-off": (view) =>
    switching(view.seen.ingest, false, "ingest's mapping") ??
    done(view, { ingestOffAt: view.journal.kept.ingestOffAt ?? view.seen.now }),
  "forward-off": (view) => {
    const { forwardMapping } = view.seen;
    if (forwardMapping === undefined) return done(view);
    return switching(forwardMapping, false, "the mapping on the forward queue") ?? done(view);
  },
  "forward-gone": (view) => {
    const { forwardMapping } = view.seen;
    if (forwardMapping === undefined) return done(view, { forwardMappingId: undefined });
    if (forwardMapping.state === "Deleting")
      return { kind: "wait", why: "until the mapping on the forward queue is gone" };
    return call({ service: "lambda", action: "DeleteEventSourceMapping", input: { UUID: forwardMapping.id } });
  },
};
