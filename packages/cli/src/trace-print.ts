import type { ExecutionView, RequestStory } from "@crossfade/bridge/console";
import { durationText, isoTime } from "./figures.ts";
import { type Terminal, table } from "./terminal.ts";

/** Where the request stands, in a sentence, and what a person may do about it. */
function standing({ claim, execution, route, verdicts }: RequestStory, at: number): string {
  const { path, endedAt, startedAt, forwardedAt, decidedAt, orderId } = claim;
  if (endedAt !== undefined) {
    const judged = verdicts.find(({ against }) => against === "legacy");
    const why =
      judged === undefined || judged.verdict === "match" ? "" : `; crossfade diffs ${route} --request shows why`;
    return `ended after ${durationText(endedAt - decidedAt)}${judged === undefined ? "" : `, judged ${judged.verdict}`}${why}`;
  }
  const since = durationText(at - decidedAt);
  if (path === "legacy")
    return forwardedAt === undefined && claim.origin === "message"
      ? `in flight for ${since}, not known to be sent to the legacy consumer`
      : `in flight for ${since}: the legacy consumer has it, and its row tells no end`;
  if (startedAt === undefined) return `in flight for ${since}, and its order is not known to be started`;
  const status = execution?.status;
  if (status === undefined || status === "RUNNING") return `in flight for ${since}, its order runs`;
  return `its order is ${status}: crossfade redrive ${orderId} runs again what was not done`;
}

const eventRows = ({ timeline }: RequestStory): readonly (readonly string[])[] =>
  timeline.map(({ at, lane, what, detail }) => [
    isoTime(at),
    lane,
    detail === undefined ? what : `${what} (${detail})`,
  ]);

function executionLines(execution: ExecutionView, indent: string): readonly string[] {
  const { machine, name, status, startedAt, stoppedAt, redriveCount, error, history, children } = execution;
  const took = stoppedAt === undefined ? "" : ` in ${durationText(stoppedAt - startedAt)}`;
  const redriven = redriveCount === 0 ? "" : `, redriven ${redriveCount} times`;
  const last = history.findLast(({ state }) => state !== undefined);
  const where = status === "SUCCEEDED" || last?.state === undefined ? "" : `, last at "${last.state}"`;
  return [
    `${indent}${machine} ${status}${error === undefined ? "" : ` ${error}`}${took}${redriven}${where}`,
    `${indent}  ${name}`,
    ...children.flatMap((child) => executionLines(child, `${indent}  `)),
  ];
}

function executionText(title: string, execution: ExecutionView | undefined): string {
  return execution === undefined ? "" : `\n${title}\n${executionLines(execution, "  ").join("\n")}\n`;
}

/** A request's story, as a person reads it at three in the morning: where it stands first. */
export function storyText({ colours }: Terminal, story: RequestStory, at: number): string {
  const { route, requestId, claim, charge, personal } = story;
  const order = claim.orderId === undefined ? "" : `order ${claim.orderId}\n`;
  const open = charge?.openEffects.length ?? 0;
  return [
    `${colours.bold(`${route} ${requestId}`)}  ${claim.path} path: ${standing(story, at)}\n`,
    order,
    open === 0 ? "" : `${open} effects of its order are open\n`,
    charge?.mismatch === undefined ? "" : `charge: the provider says ${charge.mismatch}\n`,
    "\n",
    table(["WHEN", "WHERE", "WHAT"], eventRows(story), colours),
    executionText("Executions", story.execution),
    executionText("Plan", story.shadow),
    personal === undefined ? "" : `\nPersonal\n${JSON.stringify(personal, undefined, 2)}\n`,
  ].join("");
}
