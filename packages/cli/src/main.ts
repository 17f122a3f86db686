#!/usr/bin/env node
import { failureOf } from "./failure.ts";
import { createProgram } from "./program.ts";
import { coloursOf } from "./terminal.ts";

const colours = coloursOf(process.stdout, process.env["NO_COLOR"]);
try {
  await createProgram({ write: (text) => process.stdout.write(text), colours }).parseAsync();
} catch (error) {
  const { exitCode, message } = failureOf(error);
  if (message !== undefined) process.stderr.write(`error: ${message}\n`);
  process.exitCode = exitCode;
}
