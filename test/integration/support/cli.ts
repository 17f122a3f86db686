import { failureOf } from "../../../packages/cli/src/failure.ts";
import { createProgram } from "../../../packages/cli/src/program.ts";
import { coloursOf, type Terminal } from "../../../packages/cli/src/terminal.ts";
import type { Ran } from "./run.ts";

export interface CliOptions {
  /** It gets no further than the line that matches. */
  readonly dieAt?: RegExp;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Somebody sits there, and answers. */
  readonly ask?: Terminal["ask"];
  /** What it writes can be drawn over. */
  readonly live?: Terminal["live"];
}

/** Words of a command line; quotes hold words together, and an empty pair is an empty word. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** Does something in another environment, and takes back whatever became of the environment. */
async function within<T>(env: CliOptions["env"], act: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  for (const [name, value] of Object.entries(env ?? {})) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  try {
    return await act();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** The command in this process, as main.ts runs it: much faster than a process for each. */
export function crossfade(line: string, { dieAt, env, ask, live }: CliOptions = {}): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const write = (text: string) => {
    stdout += text;
    if (dieAt?.test(stdout)) throw new Error("the command died");
  };
  const note = (text: string) => {
    stderr += text;
  };
  const program = createProgram({ write, note, ask, live, colours: coloursOf({}, undefined) });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.configureOutput({ writeOut: write, writeErr: note });
  }
  return within(env, async () => {
    try {
      await program.parseAsync(wordsOf(line), { from: "user" });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { exitCode, message } = failureOf(error);
      return { code: exitCode, stdout, stderr: stderr + (message === undefined ? "" : `error: ${message}\n`) };
    }
  });
}
