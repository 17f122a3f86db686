import { BridgeError } from "../errors.ts";
import type { RolloutStore } from "../ports.ts";
import type { Call, LedgerCall } from "./calls.ts";
import { checkSource, type Mismatch } from "./checks.ts";
import { guard } from "./guards.ts";
import { type Entry, having, intending, type Journal, type Kept, keeping, towards } from "./journal.ts";
import { keptByPerson, look } from "./look.ts";
import { nextStep, type Plan, planOf, stepsOf } from "./plan.ts";
import type { Journals } from "./ports.ts";
import { type Place, standOf } from "./seen.ts";
import { SKEW_MS, type Standing, type View } from "./standing.ts";
import { type Direction, PERSONS, type StepName } from "./steps.ts";
import { type SurveyDeps, survey } from "./survey.ts";
import { type SweepDeps, type Swept, sweep } from "./sweep.ts";

export interface AttachDeps extends SurveyDeps, Omit<SweepDeps, "ingest"> {
  readonly rollouts: RolloutStore;
  readonly journals: Journals;
  /** Composed when a sweep needs it. */
  readonly ingest: () => Promise<SweepDeps["ingest"]>;
}

export type Prepared =
  | { readonly kind: "ready"; readonly view: View; readonly plan: Plan; readonly warnings: readonly string[] }
  | { readonly kind: "refused"; readonly mismatches: readonly Mismatch[] }
  /** It never was attached. */
  | { readonly kind: "nothing" };

/** What an operator sees of a way as it goes. */
export type Progress =
  | { readonly kind: "done"; readonly step: StepName; readonly swept?: Swept }
  | { readonly kind: "calling"; readonly step: StepName; readonly call: Call }
  | { readonly kind: "waiting"; readonly step: StepName; readonly why: string; readonly seconds?: number };

export interface Order {
  readonly direction: Direction;
  readonly by: string;
  /** A person's step that is done. */
  readonly done?: StepName | undefined;
  /** Seconds for which one step may wait; without limit unless given. */
  readonly waitAtMost?: number | undefined;
  readonly onProgress: (progress: Progress) => void;
}

export type Ended =
  | { readonly kind: "finished"; readonly already: boolean }
  | { readonly kind: "person"; readonly step: StepName; readonly says: string }
  | { readonly kind: "refused"; readonly step: StepName; readonly says: string }
  | { readonly kind: "still-waiting"; readonly step: StepName; readonly why: string };

/** Milliseconds between two looks at what is awaited. */
const LOOK_EVERY = 1_000;
const LOOK_SOON = 100;
/** Milliseconds until calls are made again whose effect does not show: lists may lag, an endpoint may have to confirm. */
const CALL_AGAIN = 60_000;

const entryOf = (deps: AttachDeps, by: string): Entry => ({ by, at: deps.clock.now() });

/** Looks at everything, compares it with the deployment, and plans from where the journal stands. Changes nothing. */
export async function prepare(
  deps: AttachDeps,
  place: Place,
  order: Pick<Order, "direction" | "by">,
): Promise<Prepared> {
  const stored = await deps.journals.read(place.name);
  if (stored === undefined && order.direction === "detach") return { kind: "nothing" };
  const seen = await survey(deps, place, stored);
  if (seen === undefined) {
    const { queueUrl } = place.source.intake;
    const field = `sources.${place.name}.intake.queueUrl`;
    return { kind: "refused", mismatches: [{ field, expected: queueUrl, found: "no such queue" }] };
  }
  const journal = towards(stored, place.name, order.direction, entryOf(deps, order.by));
  const view = { place, journal, seen };
  const { mismatches, warnings } = checkSource(place, stored, order.direction, seen);
  // What has been finished is not held to what the resources look like now: status tells of that.
  if (mismatches.length > 0 && !journal.finished) return { kind: "refused", mismatches };
  return { kind: "ready", view, plan: planOf(view), warnings };
}

/**
 * Goes the way, step by step, from where the journal stands; after a crash at any point it is called again. Each step is
 * looked at first, so that what is done is not done again, and the journal is written before its calls and after it.
 * @throws BridgeError ATTACH_CHANGED where another operator goes on; ATTACH_REFUSED where a step's condition does not hold.
 */
export async function carryOut(deps: AttachDeps, place: Place, order: Order): Promise<Ended> {
  const stored = await deps.journals.read(place.name);
  let journal = towards(stored, place.name, order.direction, entryOf(deps, order.by));
  if (journal.finished) return { kind: "finished", already: true };
  const write = async (next: Journal) => {
    await deps.journals.write(next);
    journal = next;
  };
  let waitingSince: number | undefined;
  let called = { calls: "", at: 0 };
  for (;;) {
    const seen = await survey(deps, place, journal);
    if (seen === undefined) throw refused(place, "the source queue is gone");
    if (seen.topicGone) throw refused(place, "the topic is gone");
    const view: View = { place, journal, seen };
    const step = nextStep(view);
    if (step === undefined) return { kind: "finished", already: false };
    const entry = entryOf(deps, order.by);
    const finish = async (kept: Kept, swept?: Swept) => {
      await write(having(journal, step, kept, step === stepsOf(view).at(-1), entry));
      order.onProgress({ kind: "done", step, ...(swept && { swept }) });
      waitingSince = undefined;
    };
    const wait = async (why: string, seconds?: number): Promise<Ended | undefined> => {
      order.onProgress({ kind: "waiting", step, why, ...(seconds !== undefined && { seconds }) });
      waitingSince ??= seen.now;
      const waited = seen.now - waitingSince;
      if (order.waitAtMost !== undefined && waited > order.waitAtMost * 1000)
        return { kind: "still-waiting", step, why };
      await deps.pause.for(waited < 2 * LOOK_EVERY ? LOOK_SOON : LOOK_EVERY);
      return undefined;
    };
    const standing = look(step, view);
    switch (standing.kind) {
      case "done":
        await finish(standing.kept);
        continue;
      case "refused":
        return { kind: "refused", step, says: standing.says };
      case "person":
        if (order.done === step && PERSONS.has(step)) {
          await finish(keptByPerson(step, view));
          continue;
        }
        return { kind: "person", step, says: standing.says };
      case "wait": {
        if (standing.kept !== undefined) await write(keeping(journal, standing.kept, entry));
        const ended = await wait(standing.why, standing.seconds);
        if (ended !== undefined) return ended;
        continue;
      }
      case "do": {
        const why = guard(step, view);
        if (why !== undefined) throw refused(place, `${why}: somebody has changed it since; look at crossfade status`);
        const calls = JSON.stringify(standing.calls);
        if (calls === called.calls && seen.now < called.at + CALL_AGAIN) {
          const ended = await wait(
            `until what was called shows (${standing.calls.map(({ action }) => action).join(", ")})`,
          );
          if (ended !== undefined) return ended;
          continue;
        }
        called = { calls, at: seen.now };
        await write(intending({ ...journal, kept: standing.kept ?? journal.kept }, step, entry));
        const swept = await callAll(deps, view, standing, order, step, async (kept) => {
          await write(keeping(journal, kept(journal.kept), entryOf(deps, order.by)));
        });
        if (swept === undefined) continue;
        await finish({ ...journal.kept, ingestOnAt: undefined, ingestOffAt: undefined, sweptUntil: undefined }, swept);
      }
    }
  }
}

async function callAll(
  deps: AttachDeps,
  view: View,
  { calls }: Extract<Standing, { kind: "do" }>,
  order: Order,
  step: StepName,
  keep: (change: (kept: Kept) => Kept) => Promise<void>,
): Promise<Swept | undefined> {
  for (const call of calls) {
    order.onProgress({ kind: "calling", step, call });
    switch (call.service) {
      case "lambda":
        await deps.mappings.perform(call);
        break;
      case "sns":
        await deps.subscriptions.perform(call);
        break;
      case "ledger":
        await changeRollout(deps, view, call, order);
        break;
      case "sqs":
        return sweep(
          { ...deps, ingest: await deps.ingest() },
          {
            queueUrl: view.place.source.intake.queueUrl,
            queueArn: view.place.source.intake.queueArn,
            ingestOffAt: (view.journal.kept.ingestOffAt ?? view.seen.now) + SKEW_MS,
            hiddenSeconds: call.input.VisibilityTimeout,
            mostReceives: view.seen.intake.mostReceives,
            onHiding: (sweptUntil) => keep((kept) => ({ ...kept, sweptUntil })),
          },
        );
    }
  }
  return undefined;
}

async function changeRollout(
  deps: AttachDeps,
  { place }: View,
  call: LedgerCall,
  { by, direction }: Order,
): Promise<void> {
  // Nothing is left to be resumed: a source begins anew at legacy.
  const { hold, paused: _, ...rollout } = await deps.rollouts.read(call.input.route);
  const at = deps.clock.now();
  const next = { ...rollout, version: rollout.version + 1 };
  const reason = `${direction} ${place.name}`;
  if (call.action === "HoldRollout") {
    if (call.input.from !== standOf(rollout)) {
      const message = `somebody has moved ${rollout.route} to ${standOf(rollout)} since it was looked at: run it again`;
      throw new BridgeError("ROLLOUT_CHANGED", "reject", message, { details: { route: rollout.route } });
    }
    const tap = place.source.config.attach === "tap" && ({ tap: true } as const);
    const held = { source: place.name, since: at, forced: call.input.forced, ...tap };
    const audit = { by, at, reason: `${reason}: held at legacy` };
    // A hold of the way back becomes one of the way there; nobody else holds a route of this source.
    await deps.rollouts.write({ ...next, stage: "legacy", percentage: 0, hold: held }, audit, hold && "release");
    return;
  }
  const { legacyBefore } = call.input;
  await deps.rollouts.write({ ...next, legacyBefore }, { by, at, reason: `${reason}: released` }, "release");
}

const refused = ({ name }: Place, why: string) =>
  new BridgeError("ATTACH_REFUSED", "reject", `${name}: ${why}`, { details: { source: name } });
