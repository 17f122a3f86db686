import * as z from "zod";

/** Which intake a message goes to. */
export const SampleSource = z.enum(["registrations", "refreshes", "dns"]);
export type SampleSource = z.infer<typeof SampleSource>;

const common = {
  source: SampleSource,
  /** The error code with which the bridge must refuse it. */
  expect: z.string().exactOptional(),
};

/** One line of a traffic file: a message as an object, or as the text that goes over the wire. */
export const SampleLine = z.union([
  z.strictObject({ ...common, body: z.record(z.string(), z.json()) }),
  z.strictObject({ ...common, text: z.string().min(1).max(262_144) }),
]);
export type SampleLine = z.infer<typeof SampleLine>;
export type SampleMessage = SampleLine;

/** The text that goes over the wire. */
export const sampleText = (line: SampleLine): string => ("text" in line ? line.text : JSON.stringify(line.body));

/** A traffic file that cannot be used; its message says which line and what to do. */
export class SampleFileError extends Error {
  override readonly name = "SampleFileError";
}

const SHAPE =
  'write one JSON object a line, like {"source":"registrations","body":{...}}; ' +
  'source is "registrations", "refreshes" or "dns", and "text" may stand in place of "body"';

function readLine(text: string, number: number): SampleLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SampleFileError(`line ${number} is not JSON: ${SHAPE}`, { cause });
  }
  const line = SampleLine.safeParse(value);
  if (line.success) return line.data;
  throw new SampleFileError(`line ${number} is no message: ${SHAPE}`, { cause: line.error });
}

/**
 * Reads a traffic file, JSON lines; empty lines are skipped.
 * @throws SampleFileError that names the first line at fault (from 1) and says what to do; also for a file without any.
 */
export function readSampleLines(text: string): SampleLine[] {
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .flatMap((line, index) => (line.trim() === "" ? [] : [readLine(line, index + 1)]));
  if (lines.length === 0) throw new SampleFileError(`the file holds no message: ${SHAPE}`);
  return lines;
}
