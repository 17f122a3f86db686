import { standOf } from "./seen.ts";
import { call, done, elapsed, type Look, type Looks, SKEW_MS, type View } from "./standing.ts";

const heldBy = ({ place, seen }: View) => seen.rollouts.filter(({ hold }) => hold?.source === place.name);

const hold: Look = (view) => {
  const { seen, journal, place } = view;
  // On the way back from a half-done attach the hold stays what it is.
  const forced = journal.direction === "attach";
  // A tap that becomes an intercept holds its routes anew: they may be in shadow no more.
  const isTap = place.source.config.attach === "tap";
  const missing = seen.rollouts.filter(
    ({ hold: held }) => held?.source !== place.name || (forced && (!held.forced || (held.tap === true) !== isTap)),
  );
  if (missing.length === 0) return done(view);
  const moved = missing.filter(({ stage }) => stage !== "legacy");
  if (forced && moved.length > 0) {
    const named = moved.map((rollout) => `${rollout.route} is at ${standOf(rollout)}`).join(", ");
    return { kind: "refused", says: `${named}: take it back to legacy first` };
  }
  return call(
    ...missing.map((rollout) => ({
      service: "ledger" as const,
      action: "HoldRollout" as const,
      input: { route: rollout.route, from: standOf(rollout), forced },
    })),
  );
};

const release: Look = (view) => {
  // In a plan the hold may be still to come.
  const held = view.journal.done.hold === undefined ? view.seen.rollouts : heldBy(view);
  if (held.length === 0) return done(view);
  const legacyBefore = Math.max(view.seen.now, view.journal.kept.oldChangedAt ?? 0) + SKEW_MS;
  return call(
    ...held.map(({ route }) => ({
      service: "ledger" as const,
      action: "ReleaseRollout" as const,
      input: { route, legacyBefore },
    })),
  );
};

/** The cache of ingest may say order for a while after the hold; at a queue, a later look decides (D12). */
const ordersEnded: Look = (view) => {
  const { seen, place } = view;
  const n = seen.ordersInFlight;
  if (n > 0) return { kind: "wait", why: `until no order is in flight (${n} requests are)` };
  const since = heldBy(view).reduce((latest, { hold: { since = 0 } = {} }) => Math.max(latest, since), 0);
  const seconds = Math.ceil((2 * place.rolloutAgeMs) / 1000) + place.deployed.ingestTimeoutSeconds;
  if (place.source.config.attach === "intercept" && place.source.config.at === "queue") return done(view);
  return elapsed(view, since || undefined, seconds, "until ingest knows of the hold");
};

type Step = "hold" | "release" | "orders-ended" | "orders-ended-again";

/** Steps about the routes of a source. */
export const ROLLOUT_LOOKS: Looks<Step> = {
  hold,
  release,
  "orders-ended": ordersEnded,
  "orders-ended-again": (view) => {
    const n = view.seen.ordersInFlight;
    return n > 0 ? { kind: "wait", why: `until no order is in flight (${n} requests are)` } : done(view);
  },
};
