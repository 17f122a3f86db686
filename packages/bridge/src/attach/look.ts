import type { Kept } from "./journal.ts";
import { DELIVERY_LOOKS } from "./looks-deliveries.ts";
import { MAPPING_LOOKS } from "./looks-mappings.ts";
import { ROLLOUT_LOOKS } from "./looks-rollouts.ts";
import { SUBSCRIPTION_LOOKS } from "./looks-subscriptions.ts";
import type { Looks, Standing, View } from "./standing.ts";
import type { StepName } from "./steps.ts";

const LOOKS: Looks<StepName> = { ...ROLLOUT_LOOKS, ...MAPPING_LOOKS, ...SUBSCRIPTION_LOOKS, ...DELIVERY_LOOKS };

/** What a person's word is remembered as. */
export const keptByPerson = (step: StepName, { journal, seen }: View): Kept => ({
  ...journal.kept,
  oldOffAt: step === "move-consumer" ? seen.now : undefined,
});

/** Where a step stands, by what is seen and by what the journal remembers. */
export const look = (step: StepName, view: View): Standing => LOOKS[step](view);
