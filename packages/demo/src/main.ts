import { once } from "node:events";
import { invitation, openDashboard } from "./dashboard.ts";
import { readOptions } from "./options.ts";
import { print } from "./print.ts";
import { Progress } from "./progress.ts";
import { broken, makeReport } from "./report.ts";
import { run } from "./run.ts";
import { keepDeployment, serve } from "./serve.ts";
import { buildWorld } from "./world.ts";

const startedAt = Date.now();
const options = readOptions(process.argv.slice(2));
const out = options.json ? process.stderr : process.stdout;
const progress = new Progress(out);

progress.say("Starting the embedded cloud, a legacy system on it, and the bridge beside that ...");
const world = await buildWorld(options);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
// For people: nobody looks at pages of a run that ends by itself.
const dashboard = options.once ? undefined : await openDashboard(world, options, (text) => progress.say(text));
if (dashboard !== undefined) progress.say(await invitation(dashboard));
progress.watch(world);
const plan = await run(world, options, progress);
progress.stop();
const report = await makeReport(world, plan, startedAt);
const violations = broken(report);
out.write(print(report, violations, out.isTTY === true && process.env["NO_COLOR"] === undefined));

if (options.once) {
  await world.close();
  if (options.json)
    await new Promise<void>((done) => process.stdout.write(`${JSON.stringify(report)}\n`, () => done()));
  process.exit(violations.length === 0 ? 0 : 1);
}
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
const deployment = keepDeployment(world);
out.write(await serve(world, deployment.file));
if (dashboard !== undefined) out.write(`${await invitation(dashboard)}\nCtrl-C ends it.\n`);
process.removeAllListeners("SIGINT");
process.removeAllListeners("SIGTERM");
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
// First of all: npm passes Ctrl-C on, and the second one ends the process where it stands.
deployment.forget();
await dashboard?.close();
await world.close();
process.exit(0);
