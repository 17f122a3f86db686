import { registerHooks } from "node:module";

/** Run as a program: tells of one error unless told to be `quiet`, and prints the tracker's modules that were loaded. */
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (/@sentry|sentry-tracker/.test(found.url)) loaded.push(specifier);
    return found;
  },
});
const { telemetry } = await import("@crossfade/functions/telemetry");
const tools = telemetry("child");
if (!process.argv.includes("quiet")) tools.tell("Record failed", new TypeError("told"));
await tools.flush();
process.stdout.write(`${JSON.stringify(loaded)}\n`);
