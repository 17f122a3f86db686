import { failureOf } from "../../../packages/cli/src/failure.ts";
import { createProgram } from "../../../packages/cli/src/program.ts";
import { coloursOf } from "../../../packages/cli/src/terminal.ts";
import type { Ran } from "./run.ts";

/**
 * The command in this process, in its environment; words are split at single spaces. With `dieAt` it gets no further than
 * the line that matches.
 */
export async function crossfade(line: string, dieAt?: RegExp): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const program = createProgram({
    write: (text) => {
      stdout += text;
      if (dieAt?.test(stdout)) throw new Error("the command died");
    },
    note: (text) => {
      stderr += text;
    },
    colours: coloursOf({}, undefined),
  });
  const errors = {
    writeErr: (text: string) => {
      stderr += text;
    },
  };
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.configureOutput(errors);
  }
  try {
    await program.parseAsync(line.split(" "), { from: "user" });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { exitCode, message = "" } = failureOf(error);
    return { code: exitCode, stdout, stderr: stderr + message };
  }
}
