import { checkIdentity, type Mismatch } from "@crossfade/bridge/attach";
import type { Deployed } from "@crossfade/bridge/deployment";
import { composeIdentity } from "@crossfade/functions/compose-operator";
import { CliError } from "./failure.ts";

/** Something is not what the deployment says. */
export function refuse(exitCode: number, mismatches: readonly Mismatch[]): never {
  const lines = mismatches.map(({ field, expected, found }) => `\n  ${field}: expected ${expected}, found ${found}`);
  throw new CliError(
    exitCode,
    `this is not what was deployed:${lines.join("")}\nNothing was changed. Look at the account, the region and the deployment's file`,
  );
}

/** Makes sure that the operator's calls go where the deployment is, before any of them is made. */
export async function expectIdentity(exitCode: number, deployed: Deployed): Promise<void> {
  const identity = composeIdentity();
  const found = { accountId: await identity.accountId(), region: await identity.region() };
  const mismatches = checkIdentity(deployed, found);
  if (mismatches.length > 0) refuse(exitCode, mismatches);
}
