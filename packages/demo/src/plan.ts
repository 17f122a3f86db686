import { draw, readMessage, type SampleLine, sampleText } from "@crossfade/legacy/reference";

/** One thing the demonstration sends. `step` is the index of the percentage in force when it is sent. */
export type Send = {
  readonly kind: "first" | "repeat";
  readonly line: SampleLine;
  readonly correlationId: string;
};

export interface Plan {
  /** Per step, in order. */
  readonly steps: readonly (readonly Send[])[];
  /** Ids of the requests that are valid: each must end, once. */
  readonly requestIds: ReadonlySet<string>;
  /** Messages that must be refused. */
  readonly invalid: number;
  readonly repeats: number;
}

/** One in twenty valid messages is delivered twice: half of those at once, half after the flag has moved. */
const REPEAT_RATE = 0.05;

export function requestIdOf(line: SampleLine): string | undefined {
  if (line.expect !== undefined) return undefined;
  try {
    return readMessage(sampleText(line)).requestId;
  } catch {
    return undefined;
  }
}

/** Spreads the lines over the steps and decides what is repeated, and when; all of it follows from the seed. */
export function planTraffic(lines: readonly SampleLine[], steps: number, seed: number): Plan {
  const perStep = Math.ceil(lines.length / steps);
  const plan: Send[][] = Array.from({ length: steps }, () => []);
  const requestIds = new Set<string>();
  let invalid = 0;
  let repeats = 0;
  for (const [index, line] of lines.entries()) {
    const step = Math.min(steps - 1, Math.floor(index / perStep));
    const requestId = requestIdOf(line);
    const correlationId = `demo-${seed}-${index}`;
    plan[step]?.push({ kind: "first", line, correlationId });
    if (requestId === undefined) {
      invalid++;
      continue;
    }
    requestIds.add(requestId);
    if (draw(seed, "repeat", requestId) >= REPEAT_RATE) continue;
    const later = draw(seed, "repeat-later", requestId) < 0.5 ? Math.min(steps - 1, step + 1) : step;
    plan[later]?.push({ kind: "repeat", line, correlationId });
    repeats++;
  }
  return { steps: plan, requestIds, invalid, repeats };
}
