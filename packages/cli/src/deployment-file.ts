import { existsSync, readFileSync } from "node:fs";
import { explain } from "@crossfade/bridge";
import { Deployed } from "@crossfade/bridge/deployment";
import { provideEnv } from "@crossfade/functions/env";
import { type Command, Option } from "commander";
import * as z from "zod";
import { CliError, EXIT } from "./failure.ts";

/** Where SST writes what the stacks put out. */
export const SST_OUTPUTS = ".sst/outputs.json";

export const deploymentOption = (): Option =>
  new Option("--deployment <file>", "JSON file of what was deployed, alone or under the key crossfade")
    .env("CROSSFADE_DEPLOYMENT")
    .default(SST_OUTPUTS);

export const sourceOption = (): Option =>
  new Option("--source <name...>", "sources of the deployment (default: all of them)");

const DeploymentGiven = z.object({ deployment: z.string() });
const Outputs = z.object({ crossfade: z.unknown() });

/**
 * What was deployed, from a file.
 * @throws CliError that names the file, the field at fault and its rule.
 */
export function readDeployment(file: string): Deployed {
  const advice = "deploy first, or name the file by --deployment or CROSSFADE_DEPLOYMENT";
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const what = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new CliError(EXIT.badInput, `${file} ${what}: ${advice}`);
  }
  const outputs = Outputs.safeParse(json);
  const parsed = Deployed.safeParse(outputs.success ? outputs.data.crossfade : json);
  if (parsed.success) return parsed.data;
  const { field, rule } = explain(parsed.error);
  throw new CliError(
    EXIT.badInput,
    `${file} describes no deployment of Crossfade: ${field || "it"}: ${rule}; ${advice}`,
  );
}

/**
 * The environment of what was deployed, for a command that reads variables. A file that was named counts; the one that SST
 * left, if there is one, says what no variable says.
 * @returns the deployment whose ledger the command works on; undefined where the variables say which.
 */
export function provideDeployment(command: Command): Deployed | undefined {
  const { deployment } = DeploymentGiven.parse(command.opts());
  const named = command.getOptionValueSource("deployment") !== "default";
  if (!named && !existsSync(deployment)) return undefined;
  const deployed = readDeployment(deployment);
  return provideEnv(deployed.environment, named ? "all" : "missing").has("LEDGER_TABLE") ? deployed : undefined;
}

/** The sources that are meant. @throws CliError for a name that the deployment does not have. */
export function namesOf(deployed: Deployed, given: readonly string[] | undefined): readonly string[] {
  const known = Object.keys(deployed.sources);
  const unknown = given?.find((name) => !known.includes(name));
  if (unknown === undefined) return given ?? known;
  throw new CliError(EXIT.badInput, `--source: the deployment has no ${unknown}, but ${known.join(", ")}`);
}
