import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { type Definition, type State, statesOf } from "./definition.ts";

/** Everything a machine can do: each is a sentence that names it. */
export interface Paths {
  readonly states: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  readonly catchers: ReadonlySet<string>;
  readonly timeouts: ReadonlySet<string>;
}
export const KINDS = ["states", "rules", "catchers", "timeouts"] as const satisfies readonly (keyof Paths)[];

const way = (from: string, to = "") => `${from} → ${to}`;
const TIMEOUT = "States.Timeout";
const HEARTBEAT = "States.HeartbeatTimeout";
const late = (name: string, error: string) => `${name}: ${error}`;
const MACHINE_IS_LATE = late("the whole machine", TIMEOUT);

const rulesOf = ({ Choices = [], Default }: State): (string | undefined)[] =>
  Choices.length === 0 ? [] : [...Choices.map((rule) => rule.Next), Default];

/** Two ways to the same state could not be told apart in a history. */
function distinct(from: string, targets: readonly (string | undefined)[]): string[] {
  const ways = targets.map((to) => way(from, to));
  if (new Set(ways).size < ways.length) throw new Error(`two rules, or two catchers, of '${from}' have one target`);
  return ways;
}

/** What a definition says can happen. */
export function pathsOf(definition: Definition): Paths {
  const states = [...statesOf(definition)];
  return {
    states: new Set(states.map(([name]) => name)),
    rules: new Set(states.flatMap(([name, state]) => distinct(name, rulesOf(state)))),
    catchers: new Set(
      states.flatMap(([name, { Catch = [] }]) =>
        distinct(
          name,
          Catch.map((catcher) => catcher.Next),
        ),
      ),
    ),
    timeouts: new Set([
      MACHINE_IS_LATE,
      ...states.flatMap(([name, { TimeoutSeconds, HeartbeatSeconds }]) => [
        ...(TimeoutSeconds === undefined ? [] : [late(name, TIMEOUT)]),
        ...(HeartbeatSeconds === undefined ? [] : [late(name, HEARTBEAT)]),
      ]),
    ]),
  };
}

/** What did happen in one execution. */
export function pathsIn(events: readonly HistoryEvent[]): Paths {
  const byId = new Map(events.map((event) => [event.id, event]));
  const before = (event: HistoryEvent) => byId.get(event.previousEventId);
  const enteredAt = (event: HistoryEvent | undefined): string | undefined =>
    event && (event.stateEnteredEventDetails?.name ?? enteredAt(before(event)));

  const paths = { states: new Set<string>(), rules: new Set<string>(), catchers: new Set<string>() };
  const timeouts = new Set<string>();
  for (const event of events) {
    const name = event.stateEnteredEventDetails?.name;
    const exit = before(event);
    const from = exit?.stateExitedEventDetails?.name;
    if (name !== undefined) paths.states.add(name);
    if (name !== undefined && exit !== undefined && from !== undefined) {
      if (exit.type === "ChoiceStateExited") paths.rules.add(way(from, name));
      // A state that is left after a failure of its work was left by a catcher.
      if (/(Failed|TimedOut)$/.test(before(exit)?.type ?? "")) paths.catchers.add(way(from, name));
    }
    if (event.type === "ExecutionTimedOut") timeouts.add(MACHINE_IS_LATE);
    const { error } = event.taskTimedOutEventDetails ?? event.activityTimedOutEventDetails ?? {};
    if (error !== undefined) timeouts.add(late(enteredAt(event) ?? "", error));
  }
  return { ...paths, timeouts };
}

/** What can happen and did not in any of these executions, by kind. */
export function missing(possible: Paths, happened: readonly Paths[]): Readonly<Record<keyof Paths, readonly string[]>> {
  const left = (kind: keyof Paths) =>
    [...possible[kind]].filter((each) => !happened.some((in_) => in_[kind].has(each)));
  return { states: left("states"), rules: left("rules"), catchers: left("catchers"), timeouts: left("timeouts") };
}
