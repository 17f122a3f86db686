import type { Call } from "./calls.ts";
import { look } from "./look.ts";
import { ingestDrainSeconds, oldDrainSeconds } from "./looks-deliveries.ts";
import { overlapSeconds } from "./looks-subscriptions.ts";
import { standOf } from "./seen.ts";
import type { Standing, View } from "./standing.ts";
import { attachmentOf, type Direction, STEPS, type StepName } from "./steps.ts";

/** One step of the way, as it would go from here. */
export interface PlannedStep {
  readonly step: StepName;
  readonly state: "done" | "next" | "later";
  readonly says: string;
  readonly calls: readonly Call[];
  /** Seconds that it waits at least. */
  readonly waitsSeconds?: number;
  /** What a person must do before `--done`. */
  readonly person?: string;
  /** Why it cannot be done as things are. */
  readonly refused?: string;
}

export interface Plan {
  readonly source: string;
  readonly direction: Direction;
  /** The way was gone before, and there is nothing to do. */
  readonly finished: boolean;
  readonly steps: readonly PlannedStep[];
  /** What an operator should know before. */
  readonly notes: readonly string[];
}

/** What each step is for, as a sentence reads. */
export const SAYS: Readonly<Record<StepName, string>> = {
  hold: "hold the routes at legacy",
  "forward-mapping": "let the old consumer read the forward queue, with the settings of its mapping",
  "old-off": "switch off the old consumer's mapping on the source queue; it is kept",
  "move-consumer": "move the old consumer to the forward queue",
  "ingest-on": "let ingest read",
  "subscribe-intake": "subscribe the bridge's intake queue to the topic",
  overlap: "wait until the new subscription works everywhere",
  "unsubscribe-old": "end the old subscription; its attributes are kept",
  "old-drained": "wait until every delivery that the old consumer had is over",
  release: "say what was sent before the switch, and release the routes",
  "orders-ended": "wait until no order of the routes is in flight",
  "ingest-off": "switch ingest off",
  "ingest-drained": "wait until every delivery that ingest had is over",
  sweep: "take what the ledger has claimed out of the source queue, and give back the rest",
  "orders-ended-again": "look again that no order is in flight",
  "old-on": "switch the old consumer's mapping on the source queue on again",
  "subscribe-old": "subscribe the old consumer again, with the attributes that it had",
  "unsubscribe-intake": "end the subscription of the bridge's intake queue",
  "intake-empty": "wait until ingest has emptied the intake queue",
  "forward-empty": "wait until the old consumer has emptied the forward queue",
  "forward-off": "switch off the mapping on the forward queue",
  "forward-gone": "delete the mapping on the forward queue",
  "move-back": "move the old consumer back to the source queue",
};

/** The steps of a journal's way. */
export const stepsOf = ({ place: { source }, journal }: Pick<View, "place" | "journal">): readonly StepName[] =>
  STEPS[attachmentOf(source.config)][journal.direction];

/** The first step that is not done; undefined at the end of the way. */
export const nextStep = (view: Pick<View, "place" | "journal">): StepName | undefined =>
  view.journal.finished ? undefined : stepsOf(view).find((step) => view.journal.done[step] === undefined);

/** What a step that is not done will take. */
function aheadOf(standing: Standing): Partial<PlannedStep> {
  switch (standing.kind) {
    case "do":
      return { calls: standing.calls };
    case "wait":
      return standing.seconds === undefined ? {} : { waitsSeconds: standing.seconds };
    case "person":
      return { person: standing.says };
    case "refused":
      return { refused: standing.says };
    case "done":
      return {};
  }
}

/** The whole way, as it would go from where the journal stands. */
export function planOf(view: View): Plan {
  const { journal, place } = view;
  const next = nextStep(view);
  const steps = stepsOf(view).map((step): PlannedStep => {
    const says = SAYS[step];
    if (journal.finished || journal.done[step] !== undefined) return { step, state: "done", says, calls: [] };
    return { step, state: step === next ? "next" : "later", says, calls: [], ...aheadOf(look(step, view)) };
  });
  return { source: place.name, direction: journal.direction, finished: journal.finished, steps, notes: notesOf(view) };
}

/** What a switch costs, said plainly. */
function notesOf(view: View): readonly string[] {
  const { journal, place, seen } = view;
  if (journal.finished) return [];
  const attachment = attachmentOf(place.source.config);
  const attach = journal.direction === "attach";
  const notes: string[] = [];
  if (attachment === "topic") {
    const seconds = overlapSeconds(view);
    notes.push(
      `for at least ${seconds} s both subscriptions stand: messages of that time may be done TWICE (once by each), unless the old consumer is idempotent`,
    );
    if (attach) notes.push(`the routes stay held for another ${oldDrainSeconds(view)} s (drainSeconds)`);
  }
  if (attachment === "queue-lambda" && attach) {
    notes.push(
      "from one mapping's end to the other's start nobody reads the source queue: about a minute; it keeps its messages",
    );
  }
  if (attachment === "queue-process" && attach) {
    notes.push(
      "from the stop of the old process until ingest is on nobody reads the source queue; it keeps its messages",
    );
  }
  if (attachment.startsWith("queue") && !attach && journal.kept.ingestOnAt !== undefined) {
    const seconds = ingestDrainSeconds(view);
    notes.push(`for at least ${seconds} s and the sweep nobody reads the source queue; it keeps its messages`);
    notes.push(
      "the sweep costs each message that it gives back one receive; one that has none left is forwarded instead",
    );
  }
  if (attachment === "tap" && attach) notes.push("a tapped route stays held at legacy");
  const moved = seen.rollouts.filter(({ stage }) => stage !== "legacy");
  if (!attach && moved.length > 0) {
    const named = moved.map((rollout) => `${rollout.route} from ${standOf(rollout)}`).join(", ");
    notes.push(`these routes go back to legacy: ${named}`);
  }
  return notes;
}
