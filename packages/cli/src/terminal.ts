import { createInterface } from "node:readline/promises";
import pc from "picocolors";

type Colours = ReturnType<typeof pc.createColors>;

/** Where a command writes its answer. Errors go elsewhere: they are thrown. */
export interface Terminal {
  write(text: string): void;
  /** What is of the moment only: progress. Never part of the answer. */
  note(text: string): void;
  /** Asks for a yes; undefined where nobody sits there. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  readonly colours: Colours;
  /** Where what was written can be drawn over; undefined elsewhere. */
  readonly live?: LiveTerminal | undefined;
}

export interface LiveTerminal {
  /** From now on Ctrl-C calls this, and ends nothing by itself. @returns what takes that back. */
  onInterrupt(act: () => void): () => void;
}

/** A terminal that can be drawn over, and whose Ctrl-C a command may take. */
export const liveOn = (stream: { readonly isTTY?: boolean }, signals: NodeJS.Process): LiveTerminal | undefined =>
  stream.isTTY === true
    ? {
        onInterrupt(act) {
          for (const name of ["SIGINT", "SIGTERM"] as const) signals.on(name, act);
          return () => {
            for (const name of ["SIGINT", "SIGTERM"] as const) signals.off(name, act);
          };
        },
      }
    : undefined;

/** Colours on a terminal only, and not where NO_COLOR is set to anything (no-color.org). */
export const coloursOf = (stream: { readonly isTTY?: boolean }, noColor: string | undefined): Colours =>
  pc.createColors(stream.isTTY === true && (noColor === undefined || noColor === ""));

/** Asks on a terminal; anything but yes is no. */
export const askOn =
  (input: NodeJS.ReadableStream, output: NodeJS.WritableStream) =>
  async (question: string): Promise<boolean> => {
    const asking = createInterface({ input, output });
    // Nobody answers any more where the input ends.
    const ended = new Promise<string>((resolve) => asking.once("close", () => resolve("")));
    const answer = await Promise.race([asking.question(question), ended]);
    asking.close();
    return /^y(es)?$/i.test(answer.trim());
  };

/** Rows under their headings, each column as wide as its longest text; numbers stand to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  colours: Colours,
): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, i) =>
        typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return `${[colours.bold(line(headings)), ...rows.map(line)].join("\n")}\n`;
}
