import type { Call, Plan, PlannedStep, Progress } from "@crossfade/bridge/attach";
import type { Terminal } from "./terminal.ts";

const callText = ({ service, action, input }: Call): string => `${service} ${action} ${JSON.stringify(input)}`;

function stepText({ colours }: Terminal, planned: PlannedStep, place: number): string {
  const { step, state, says, calls, waitsSeconds, person, refused } = planned;
  const mark = { done: "done", next: "next", later: "    " }[state];
  const lines = [
    `  ${mark}  ${String(place).padStart(2)}. ${colours.bold(step.padEnd(18))}  ${says}`,
    ...calls.map((call) => `            ${callText(call)}`),
    ...(waitsSeconds === undefined ? [] : [`            waits ${waitsSeconds} s at least`]),
    ...(person === undefined ? [] : [`            a person: ${person}; then --done ${step}`]),
    ...(refused === undefined ? [] : [`            cannot be done as things are: ${refused}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A plan, as a person reads it. */
export function planText(terminal: Terminal, plan: Plan, warnings: readonly string[]): string {
  const { source, direction, finished, steps, notes } = plan;
  if (finished) return `${terminal.colours.bold(source)}  is ${direction}ed: nothing to do\n`;
  return [
    `${terminal.colours.bold(`${direction} ${source}`)}\n`,
    ...warnings.map((warning) => `  warning: ${warning}\n`),
    ...notes.map((note) => `  note: ${note}\n`),
    ...steps.map((step, n) => stepText(terminal, step, n + 1)),
  ].join("");
}

/** Milliseconds between two lines about one wait. */
const SAY_EVERY = 5_000;

/** Tells of the way as it goes: what was done on stdout, what is awaited where it is in nobody's way. */
export function progressTeller(
  { write, note }: Terminal,
  source: string,
  quiet: boolean,
): (progress: Progress) => void {
  let said = { why: "", at: 0 };
  return (progress) => {
    switch (progress.kind) {
      case "calling":
        return note(`${source}: ${callText(progress.call)}\n`);
      case "waiting": {
        const { step, why, seconds } = progress;
        // A count in the text changes with every look.
        if (said.why === step && Date.now() - said.at < SAY_EVERY) return;
        said = { why: step, at: Date.now() };
        return note(`${source}: waits ${why}${seconds === undefined ? "" : `, ${seconds} s`}\n`);
      }
      case "done": {
        const { step, swept } = progress;
        const told = swept && `: ${swept.takenOut} taken out, ${swept.givenBack} given back`;
        if (!quiet) write(`${source}  done  ${step}${told ?? ""}\n`);
      }
    }
  };
}
