import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleApp, bundleRun } from "./bundle-config.ts";
import { loadPulumi, plain } from "./pulumi.ts";
import { recordResources } from "./record.ts";
import { startRpc } from "./rpc-server.ts";
import { Synthesis } from "./synthesis.ts";

/**
 * `node main.ts <root> <installed> <stage> <file> <bundles>`: evaluates <root>/sst.config.ts as `sst deploy` would, offline, with the
 * platform of <installed>, and writes the Synthesis to the file. A program of its own: Pulumi keeps its state in the module, and what goes wrong in an output is
 * an unhandled rejection, which ends the program with an error.
 */
const [root = "", installed = "", stage = "", file = "", bundles = ""] = process.argv.slice(2);
const work = dirname(file);
const platform = join(installed, ".sst/platform");

async function evaluate(outfile: string): Promise<unknown> {
  const module: { default: unknown } = await import(pathToFileURL(outfile).href);
  await rm(outfile, { force: true });
  await rm(`${outfile}.map`, { force: true });
  return module.default;
}

await mkdir(work, { recursive: true });
// Pulumi's SDK is found from where the bundle lies.
const bundle = (part: string) => ({
  root,
  platform,
  outfile: join(platform, `synth.${stage}.${part}.${process.pid}.mjs`),
});

await bundleApp(bundle("app"), stage);
const app = Synthesis.shape.app.parse(await evaluate(bundle("app").outfile));
const { region, allowedAccountIds } = app.providers.aws;

const rpc = await startRpc({ root, work, bundles: bundles === "bundled" });
process.env["SST_SERVER"] = rpc.url;
const pulumi = loadPulumi(platform);
const place = { region, accountId: allowedAccountIds[0] ?? "" };
const resources = await recordResources(pulumi, { app: app.name, stage, place });

const paths = { home: root, root, work, platform };
const cli = { command: "deploy", rpc: rpc.url, paths, home: app.home, state: { version: {} } };
await bundleRun(bundle("run"), { removal: "retain", protect: false, ...app, stage }, cli);
let outputs: unknown;
await pulumi.runtime.runInPulumiStack(async () => {
  const result = await evaluate(bundle("run").outfile);
  pulumi.output(result).apply((value) => {
    outputs = plain(value);
  });
  return result;
});
await pulumi.runtime.disconnect();
rpc.close();

const synthesis = Synthesis.parse({ stage, file, app, resources, outputs, artifacts: join(work, "artifacts") });
await writeFile(file, JSON.stringify(synthesis, null, 2));
