import type { Deployed } from "../deployment/deployed.ts";
import type { Rollout } from "../rollout.ts";
import type { Journal } from "./journal.ts";
import { look } from "./look.ts";
import type { MappingState } from "./mapping.ts";
import { nextStep } from "./plan.ts";
import type { Journals } from "./ports.ts";
import { depthOf, type Place, type QueueSight, type Seen } from "./seen.ts";
import type { Direction, StepName } from "./steps.ts";
import { type SurveyDeps, survey } from "./survey.ts";

/** How far a source has come. */
export type SourceState =
  | { readonly kind: "detached" | "attached" }
  | { readonly kind: "attaching" | "detaching"; readonly step: StepName; readonly by: string; readonly at: number };

export interface SourceStatus {
  readonly source: string;
  readonly state: SourceState;
  /** Of the event source mappings that there are. */
  readonly mappings: Readonly<Partial<Record<"ingest" | "old" | "forward", MappingState>>>;
  readonly intake: QueueSight | undefined;
  readonly forward: QueueSight | undefined;
  readonly rollouts: readonly Rollout[];
  readonly ordersInFlight: number;
  /** Seconds since the oldest request of its routes was claimed that has not ended; SQS itself tells no age. */
  readonly oldestSeconds: number | undefined;
  /** What a person should do. */
  readonly needs: readonly string[];
}

export interface Status {
  readonly sources: readonly SourceStatus[];
  /** Messages in dead-letter queues and the quarantine, by what they hold; undefined where there is no such queue. */
  readonly deadLetters: Readonly<Record<string, number | undefined>>;
  readonly needs: readonly string[];
}

export interface StatusDeps extends SurveyDeps {
  readonly journals: Pick<Journals, "read">;
}

/** Milliseconds after which a way that does not go on is a person's business. */
const STUCK_AFTER = 15 * 60_000;

const UNDERWAY = { attach: "attaching", detach: "detaching" } as const satisfies Record<Direction, string>;

function stateOf(place: Place, journal: Journal | undefined): SourceState {
  if (journal === undefined) return { kind: "detached" };
  const { by, at, direction } = journal;
  const step = nextStep({ place, journal });
  if (step === undefined) return { kind: direction === "attach" ? "attached" : "detached" };
  return { kind: UNDERWAY[direction], step, by, at };
}

async function sourceStatus(deps: StatusDeps, place: Place): Promise<SourceStatus> {
  const { name: source } = place;
  const journal = await deps.journals.read(source);
  const state = stateOf(place, journal);
  const seen = await survey(deps, place, journal);
  if (seen === undefined) {
    const nothing = { mappings: {}, intake: undefined, forward: undefined, rollouts: [], ordersInFlight: 0 };
    const needs = [`${source}: there is no queue ${place.source.intake.queueUrl}`];
    return { source, state, ...nothing, oldestSeconds: undefined, needs };
  }
  const oldest = await Promise.all(
    place.source.config.routes.map(async (route) => (await deps.claims.inFlight(route, seen.now, 1)).entries[0]),
  );
  const ages = oldest.flatMap((claim) =>
    claim === undefined ? [] : [Math.floor((seen.now - claim.decidedAt) / 1000)],
  );
  const needs: string[] = [];
  if (journal !== undefined && "step" in state) {
    const { step, at } = state;
    const { direction } = journal;
    const again = `crossfade ${direction} --apply --source ${source}`;
    const standing = look(step, { place, journal, seen });
    if (standing.kind === "person") needs.push(`${standing.says}; then ${again} --done ${step}`);
    else if (standing.kind === "refused") needs.push(standing.says);
    else if (seen.now - at > STUCK_AFTER) needs.push(`${UNDERWAY[direction]} stopped at ${step}: run ${again}`);
  }
  needs.push(...driftOf(state, place, seen));
  return {
    source,
    state,
    mappings: {
      ...(seen.ingest && { ingest: seen.ingest.state }),
      ...(seen.old && { old: seen.old.state }),
      ...(seen.forwardMapping && { forward: seen.forwardMapping.state }),
    },
    intake: seen.intake,
    forward: seen.forward,
    rollouts: seen.rollouts,
    ordersInFlight: seen.ordersInFlight,
    oldestSeconds: ages.length === 0 ? undefined : Math.max(...ages),
    needs: needs.map((need) => `${source}: ${need}`),
  };
}

/** What must hold of a source that is attached, or is not, and what it means where it does not. */
function expectations(
  { source: { config } }: Place,
  seen: Seen,
  attached: boolean,
): readonly (readonly [boolean, string])[] {
  const ingestOn = seen.ingest?.state === "Enabled";
  const common = attached
    ? ([[ingestOn, "ingest's mapping is not on"]] as const)
    : ([
        [!ingestOn, "ingest's mapping is on"],
        [
          seen.forward === undefined || depthOf(seen.forward) === 0,
          "the forward queue holds messages that nobody reads: attach it, and detach it again",
        ],
      ] as const);
  if (config.attach === "intercept" && config.at === "queue") {
    if (config.consumer.kind !== "lambda") return common;
    const { old, forwardMapping } = seen;
    return attached
      ? [
          ...common,
          [old?.state === "Disabled", "the old consumer's mapping is not off"],
          [forwardMapping?.state === "Enabled", "nobody reads the forward queue"],
        ]
      : [...common, [old?.state === "Enabled", "the old consumer's mapping is not on: nobody reads the queue"]];
  }
  const [ours, olds] = [seen.intakeSubscription !== undefined, seen.oldSubscription !== undefined];
  const subscribed = attached
    ? ([ours, "the intake queue is not subscribed: messages are lost"] as const)
    : ([!ours, "the intake queue is subscribed"] as const);
  if (config.attach === "tap") return [...common, subscribed];
  return [
    ...common,
    subscribed,
    attached
      ? [!olds, "the old consumer is subscribed too: messages are done twice"]
      : [olds, "the old consumer is not subscribed: messages are lost"],
  ];
}

/** What somebody has changed by hand since, or left behind. */
function driftOf({ kind }: SourceState, place: Place, seen: Seen): readonly string[] {
  if (seen.topicGone) return ["there is no topic"];
  if (kind !== "attached" && kind !== "detached") return [];
  return expectations(place, seen, kind === "attached").flatMap(([holds, says]) =>
    holds ? [] : [`it is ${kind}, and ${says}`],
  );
}

/** How every source is, and what needs a person. Changes nothing. */
export async function statusOf(
  deps: StatusDeps,
  places: Iterable<Place>,
  deployed: Pick<Deployed, "deadLetters">,
): Promise<Status> {
  const sources = await Promise.all([...places].map((place) => sourceStatus(deps, place)));
  const depths = await Promise.all(
    Object.entries(deployed.deadLetters).map(async ([holds, { queueUrl }]) => {
      const sight = await deps.queues.look(queueUrl);
      return [holds, sight && depthOf(sight)] as const;
    }),
  );
  const dead = depths.filter(([, depth]) => depth === undefined || depth > 0);
  return {
    sources,
    deadLetters: Object.fromEntries(depths),
    needs: [
      ...sources.flatMap(({ needs }) => needs),
      ...dead.map(([holds, depth]) =>
        depth === undefined ? `there is no dead-letter queue of ${holds}` : `${depth} dead letters of ${holds}`,
      ),
    ],
  };
}
