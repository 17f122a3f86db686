import type { GuardPolicy } from "@crossfade/bridge/console";
import { readPercentage } from "../rollout-draft.ts";

type Step = GuardPolicy["ramp"][number];

/** "shadow, 1, 5, 25, order" as a person types it. Undefined for what is no ramp. */
export function readRamp(text: string): Step[] | undefined {
  const steps = text
    .split(/[,;]\s+|;|\s+|,(?=\D)/)
    .map((word) => word.trim().toLowerCase().replace(/%$/, ""))
    .filter((word) => word !== "" && word !== "split")
    .map((word): Step | undefined => {
      if (word === "shadow") return { stage: "shadow", percentage: 0 };
      if (word === "order") return { stage: "order", percentage: 100 };
      const percentage = readPercentage(word.replace(/,$/, ""));
      return percentage === undefined ? undefined : { stage: "split", percentage };
    });
  if (steps.length === 0) return undefined;
  const known = steps.filter((step) => step !== undefined);
  return known.length === steps.length ? known : undefined;
}

/** A ramp as a person would type it. */
export const rampText = (ramp: readonly Step[]): string =>
  ramp.map(({ stage, percentage }) => (stage === "split" ? String(percentage) : stage)).join(", ");
