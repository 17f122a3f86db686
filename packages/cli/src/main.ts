#!/usr/bin/env node
import { failureOf } from "./failure.ts";
import { createProgram } from "./program.ts";
import { askOn, coloursOf, liveOn } from "./terminal.ts";

// Who reads may have enough: crossfade audit ... | head.
process.stdout.on("error", (error) => {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
  process.exit();
});

const colours = coloursOf(process.stdout, process.env["NO_COLOR"]);
try {
  await createProgram({
    write: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
    ask: process.stdin.isTTY && process.stdout.isTTY ? askOn(process.stdin, process.stdout) : undefined,
    colours,
    live: liveOn(process.stdout, process),
  }).parseAsync();
} catch (error) {
  const { exitCode, message } = failureOf(error);
  if (message !== undefined) process.stderr.write(`error: ${message}\n`);
  process.exitCode = exitCode;
}
