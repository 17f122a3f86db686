import { readFileSync } from "node:fs";
import { readSampleLines, SampleFileError, type SampleLine, sampleTraffic } from "@crossfade/legacy/reference";
import { Command, InvalidArgumentError, Option } from "commander";

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Where cards are charged: a table, or a local server that keeps Stripe's rules. */
  readonly payments: "table" | "stripe";
  /** Messages a second. */
  readonly rate: number;
  readonly seed: number;
  /** Of the dashboard; any free one unless given. */
  readonly port: number;
  /** Percentages, in the order in which the flag takes them. */
  readonly steps: readonly number[];
  readonly lines: readonly SampleLine[];
}

const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`give a whole number from ${least} to ${most}`);
};

function percentages(text: string): number[] {
  const steps = text.split(",").map((step) => (step.trim() === "" ? Number.NaN : Number(step)));
  if (steps.every((step) => step >= 0 && step <= 100 && Number.isInteger(step * 100))) return steps;
  throw new InvalidArgumentError("give percentages from 0 to 100 with commas between them, like 0,10,50,100");
}

const EXAMPLES = new URL("../../../examples/webcat.jsonl", import.meta.url);

function linesOf(input: string | undefined, messages: number, seed: number): SampleLine[] {
  if (input !== undefined) return readSampleLines(readFileSync(input, "utf8")).slice(0, messages);
  const examples = readSampleLines(readFileSync(EXAMPLES, "utf8"));
  return messages <= examples.length ? examples.slice(0, messages) : [...sampleTraffic({ seed, messages })];
}

const whyUnreadable = (error: unknown, file: string): string => {
  if (error instanceof SampleFileError) return `${file}: ${error.message}`;
  return `${file} cannot be read: give the path of a file of JSON lines (see examples/webcat.jsonl)`;
};

/** Reads the command line. A wrong option or file ends the process with one line that says what to do, exit code 2. */
export function readOptions(argv: readonly string[]): DemoOptions {
  const program = new Command("npm start --")
    .description(
      "Runs a legacy system and the bridge beside it on this machine, replays traffic, raises the flag in steps,\nand reports whether anything was lost or done twice.",
    )
    .option("--once", "end after the report; exit code 0 only if every promise held", false)
    .option("--json", "print the report as one JSON object on the last line of stdout; all else goes to stderr", false)
    .option("--messages <n>", "how many messages to send", whole(1, 100_000), 400)
    .option("--rate <n>", "messages a second", whole(1, 1000), 20)
    .option("--seed <n>", "decides which messages are repeated, which services fail and when", whole(0, 2 ** 31 - 1), 1)
    .addOption(
      new Option("--steps <list>", "percentages that the flag takes, one after the other")
        .argParser(percentages)
        .default([0, 10, 50, 100], "0,10,50,100"),
    )
    .option("--input <file>", "your own traffic, as JSON lines (default: examples/webcat.jsonl)")
    .addOption(
      new Option(
        "--payments <provider>",
        "where cards are charged: a table, or a local server that keeps Stripe's rules",
      )
        .choices(["table", "stripe"])
        .default("table"),
    )
    .option("--port <n>", "where the dashboard is served (default: any free port)", whole(0, 65_535), 0)
    .option("--verbose", "show the functions' and workers' log lines on stderr", false)
    .addHelpText(
      "after",
      "\nExamples:\n  npm start\n  npm start -- --once --json --messages 400 --seed 7\n  npm start -- --steps 0,25,100 --rate 50",
    )
    .configureOutput({ outputError: (text, write) => write(`${text.trim()} (see npm start -- --help)\n`) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .allowExcessArguments(false)
    .parse(argv, { from: "user" });
  const { messages, input, ...options } = program.opts<
    Omit<DemoOptions, "lines"> & { messages: number; input?: string }
  >();
  try {
    return { ...options, lines: linesOf(input, messages, options.seed) };
  } catch (error) {
    process.stderr.write(`error: ${whyUnreadable(error, input ?? "examples/webcat.jsonl")}\n`);
    process.exit(2);
  }
}
