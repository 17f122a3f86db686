import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { ROOT } from "./support/run.ts";

it("crossfade ends quietly when who reads has had enough", async () => {
  const command = spawn(process.execPath, ["packages/cli/src/main.ts", "--help"], { cwd: ROOT });
  // Before it has written anything.
  command.stdout.destroy();
  const [said, [code]] = await Promise.all([text(command.stderr), once(command, "exit")]);
  expect([code, said]).toEqual([0, ""]);
});
