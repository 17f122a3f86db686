import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ShopOrder } from "@crossfade/legacy";
import type { World } from "./world.ts";

/** What `crossfade` needs of the bridge, beside an AWS client's own variables. The key of the tokens is of this run. */
const FOR_THE_CLI = [
  "LEDGER_TABLE",
  "TRACKING_TABLE",
  "PAYLOAD_BUCKET",
  "ORDER_STATE_MACHINE_ARN",
  "TOKEN_KEY",
] as const;

/**
 * What was deployed, in a file, as `crossfade status` reads it. It holds the key of the tokens: for its owner alone, and
 * `forget` takes it away.
 */
export function keepDeployment({ bridge }: World): { readonly file: string; forget(): void } {
  const folder = mkdtempSync(join(tmpdir(), "crossfade-demo-"));
  const file = join(folder, "deployment.json");
  writeFileSync(file, JSON.stringify({ crossfade: bridge.deployed }), { mode: 0o600 });
  const forget = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", forget);
  return { file, forget };
}

const EXAMPLE = new URL("../../../examples/order.json", import.meta.url);
const THREE_DAYS = 3 * 24 * 3600;

/**
 * Makes ready for a second terminal: people are slower than the demonstration, so orders now wait three days for
 * approval; and the charge of the example order is authorised, as the shop would have done.
 * @param deploymentFile path of what was deployed.
 * @returns what to tell.
 */
export async function serve(world: World, deploymentFile: string): Promise<string> {
  await world.bridge.waitForApproval(THREE_DAYS);
  const { orderId, payment } = ShopOrder.parse(JSON.parse(readFileSync(EXAMPLE, "utf8")));
  const authorised = payment && (await world.charges.authorise(payment.authorisationId, payment.amount, orderId));
  const other = authorised !== payment?.authorisationId;
  const variables = Object.entries({
    ...world.cloud.env,
    ...Object.fromEntries(FOR_THE_CLI.map((name) => [name, world.bridge.env[name] ?? ""])),
    CROSSFADE_DEPLOYMENT: deploymentFile,
  });
  return [
    "Everything still runs. For any AWS client, and for npm run crossfade, in a second terminal:",
    ...variables.map(([name, value]) => `  export ${name}=${value}`),
    ...(other ? [`The charge of examples/order.json is authorised as ${authorised}: write that into the file.`] : []),
    "",
  ].join("\n");
}
