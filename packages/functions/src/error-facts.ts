import { BridgeError, type Disposition } from "@crossfade/bridge";

/** Something that nobody threw and that a person must look at; its text is ours and holds ids and codes only. */
export class Finding extends Error {
  override readonly name = "Finding";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** One call of a stack: a function, the name of its file without folders, and line and column. */
export interface Frame {
  readonly function: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What may be told of an error to anybody: nothing in it comes from what was being handled. */
export interface ErrorFacts {
  readonly name: string;
  readonly code: string | undefined;
  readonly disposition: Disposition | undefined;
  /** Of our own errors only. AWS's may quote a value that was refused, a parser's what it parsed. */
  readonly message: string | undefined;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

const NAME = /^[A-Za-z][\w.]{0,79}$/;
const FRAME =
  /^ {4}at (?:(?:async )?([\w$.<>[\] ]{1,120}) \()?(?:async )?((?:file:\/\/|node:|\/|[A-Za-z]:\\)[^\s()]{1,400}):(\d+):(\d+)\)?$/;
const MOST_FRAMES = 30;

function frameOf(line: string): Frame[] {
  const [, called, path, row, column] = FRAME.exec(line) ?? [];
  if (path === undefined) return [];
  const file = path.startsWith("node:") ? path : (path.split(/[/\\]/).at(-1) ?? path);
  return [{ function: called, file, line: Number(row), column: Number(column) }];
}

/**
 * The calls that an error came from. A stack begins with the message, whose own lines may look like calls: only what
 * stands behind the whole of it is read, and nothing when it cannot be told apart.
 */
export function framesOf({ stack = "", message }: Error): readonly Frame[] {
  const at = message === "" ? stack.indexOf("\n") : stack.indexOf(message) + message.length;
  const head = stack.slice(0, at - message.length);
  const calls = stack.slice(at);
  if (!/^[\w.$]*(: )?$/.test(head) || !calls.startsWith("\n    at ")) return [];
  return calls.split("\n").slice(1, MOST_FRAMES).flatMap(frameOf);
}

/** The words of a message's schema, and of a flag's foreign provider, may quote what they are about. */
const quotes = (error: BridgeError): boolean => "field" in error.details || error.code === "ROLLOUT_UNKNOWN";

const isOurs = (error: Error): error is BridgeError | Finding =>
  error instanceof Finding || (error instanceof BridgeError && !quotes(error));

const codeOf = (error: Error): string | undefined => {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return code !== undefined && NAME.test(code) ? code : undefined;
};

export function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error))
    return { name: "Unknown", code: undefined, disposition: undefined, message: undefined, frames: [] };
  return {
    name: NAME.test(error.name) ? error.name : "Error",
    code: codeOf(error),
    disposition: error instanceof BridgeError ? error.disposition : undefined,
    message: isOurs(error) ? error.message.slice(0, 300) : undefined,
    frames: framesOf(error),
  };
}

/** The order has gone on with the end that was told first. */
export const CONTRADICTED = new Finding("CONTRADICTED", "the row of delegated work says otherwise than it said before");
