import { BridgeError } from "@crossfade/bridge";
import { CommanderError } from "commander";
import * as z from "zod";

/** What the exit code says; 0 is success. */
export const EXIT = {
  /** A dependency failed: trying again may help. */
  failed: 1,
  /** The command line, a file or the configuration is wrong. */
  badInput: 2,
  /** It is decided, claimed or over already: nothing was changed. */
  conflict: 3,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  a dependency failed
  2  the command line, the file or the configuration is wrong
  3  a conflict: it stands for something else, or is decided otherwise, or is over`;

/** An error whose message says what is wrong and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

interface Failure {
  readonly exitCode: number;
  /** Undefined where everything is said. */
  readonly message: string | undefined;
}

const CONFLICTS: ReadonlySet<string> = new Set([
  ...["CONFLICT", "CLAIM_EXPIRED", "ATTACH_CHANGED", "ATTACH_REFUSED", "ROLLOUT_CHANGED", "ROLLOUT_HELD"],
  ...["PAUSE_REFUSED", "GUARD_CHANGED", "GUARD_UNKNOWN"],
]);

function ofBridge({ code, disposition, message }: BridgeError): Failure {
  if (CONFLICTS.has(code)) return { exitCode: EXIT.conflict, message };
  return { exitCode: disposition === "retry" ? EXIT.failed : EXIT.badInput, message: `${code}: ${message}` };
}

/** How the process ends with an error, and what it says. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return error;
  // Commander has written its message itself.
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? 0 : EXIT.badInput, message: undefined };
  }
  if (error instanceof BridgeError) return ofBridge(error);
  if (!(error instanceof Error)) return { exitCode: EXIT.failed, message: "something failed that gave no reason" };
  if (error.message === "Region is missing") {
    return { exitCode: EXIT.badInput, message: "AWS_REGION is missing: set it to the region of the bridge" };
  }
  // A refused connection has a code and no message.
  const reason = error.message || ("code" in error ? String(error.code) : error.name);
  return { exitCode: EXIT.failed, message: `a dependency failed: ${reason.slice(0, 300)}` };
}

/** Composes what a command needs. @throws CliError that names each variable at fault, and what to do about it. */
export function configured<Deps>(compose: () => Deps): Deps {
  try {
    return compose();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const faults = error.issues.map(({ path, code, message }) =>
      code === "invalid_type" ? `${path.join(".")} is missing` : `${path.join(".")}: ${message}`,
    );
    const advice =
      "name the file of the deployment (--deployment), or set the variables; npm start prints those of the demonstration";
    throw new CliError(EXIT.badInput, `${faults.join("; ")}. What to do: ${advice}`);
  }
}
