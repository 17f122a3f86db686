import { defineContract } from "@crossfade/bridge/deployment";
import { WEBCAT_CHECKS } from "./checks.ts";
import { WEBCAT_ACTIVITIES, webcatActions } from "./machines/webcat-actions.ts";
import { webcat } from "./migration.ts";
import { plan } from "./plan.ts";

/** What the functions, the stacks and the embedded cloud know of this migration: they import this name and no other. */
export const contract = defineContract({
  migration: webcat,
  activities: WEBCAT_ACTIVITIES,
  actions: webcatActions,
  plan,
  checks: WEBCAT_CHECKS.map((check) => ({
    ...check,
    handler: `packages/functions/src/webcat/check-${check.name}.handler`,
  })),
});
