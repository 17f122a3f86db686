import type { ExecutionView, RequestStory } from "@crossfade/bridge/console";
import { isoTime, tookText } from "./figures.ts";
import { type Terminal, table } from "./terminal.ts";

const redriveHint = (orderId: string | undefined): string =>
  `crossfade redrive ${orderId} runs again what was not done`;

/** How it ended, and what a person may look at or do. */
function ended({ claim, execution, route, requestId, verdicts }: RequestStory, endedAt: number): string {
  const { status = "", code = "" } = claim.end ?? {};
  const judged = verdicts.find(({ against }) => against === "legacy");
  return [
    ["ended", status, code, "after", tookText(endedAt - claim.decidedAt)].filter((word) => word !== "").join(" "),
    ...(judged === undefined ? [] : [`judged ${judged.verdict}`]),
    ...(judged === undefined || judged.verdict === "match"
      ? []
      : [`crossfade diffs ${route} --request ${requestId} shows why`]),
    ...(execution !== undefined && BROKEN.has(execution.status) ? [redriveHint(claim.orderId)] : []),
  ].join("; ");
}

const BROKEN: ReadonlySet<string> = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

/** Where the request stands, in a sentence, and what a person may do about it. */
function standing(story: RequestStory, at: number): string {
  const { claim, execution } = story;
  const { path, endedAt, startedAt, forwardedAt, decidedAt, orderId } = claim;
  if (endedAt !== undefined) return ended(story, endedAt);
  const since = `in flight for ${tookText(at - decidedAt)}`;
  if (path === "legacy")
    return forwardedAt === undefined
      ? `${since}, not known to be sent to the legacy consumer`
      : `${since}: the legacy consumer has it, and its row tells no end`;
  if (execution !== undefined && BROKEN.has(execution.status))
    return `${since}, its order is ${execution.status}: ${redriveHint(orderId)}`;
  if (startedAt === undefined && execution === undefined) return `${since}, and its order is not known to be started`;
  return execution?.status === "SUCCEEDED"
    ? `${since}: its order has ended, and its row not yet`
    : `${since}, its order runs`;
}

const eventRows = ({ timeline }: RequestStory): readonly (readonly string[])[] =>
  timeline.map(({ at, lane, what, detail }) => [
    isoTime(at),
    lane,
    detail === undefined ? what : `${what} (${detail})`,
  ]);

function executionLines(execution: ExecutionView, indent: string): readonly string[] {
  const { machine, name, status, startedAt, stoppedAt, redriveCount, error, history, children } = execution;
  const took = stoppedAt === undefined ? "" : ` in ${tookText(stoppedAt - startedAt)}`;
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
