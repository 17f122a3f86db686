import { BridgeError, type Disposition } from "@crossfade/bridge";

/** The names under which our errors are retried and caught in the state machines. */
export type TaskErrorName =
  | "Crossfade.Wait"
  | "Crossfade.Retry"
  | "Crossfade.RedrivenByHand"
  | "Crossfade.Refused"
  | "Crossfade.Fatal";

const WAITING: ReadonlySet<string> = new Set(["PIN_BUSY", "EFFECT_OPEN"]);

const BY_DISPOSITION: Readonly<Record<Disposition, TaskErrorName>> = {
  retry: "Crossfade.Retry",
  reject: "Crossfade.Refused",
  fatal: "Crossfade.Fatal",
};

/** What Step Functions is told of an error; unknown errors are retried (style rule 6). */
export function taskErrorName(error: unknown): TaskErrorName {
  if (!(error instanceof BridgeError)) return "Crossfade.Retry";
  if (WAITING.has(error.code)) return "Crossfade.Wait";
  if (error.code === "REDRIVEN_BY_HAND") return "Crossfade.RedrivenByHand";
  return BY_DISPOSITION[error.disposition];
}

/** An error of a Lambda task: its name is what Retry and Catch match. */
export class TaskError extends Error {
  override readonly name: string;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : "unknown", { cause });
    this.name = taskErrorName(cause);
  }
}
