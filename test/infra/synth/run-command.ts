import { execFileSync } from "node:child_process";
import * as z from "zod";
import type { Properties } from "./pulumi.ts";

export const COMMAND = "command:local:Command";

const Command = z.object({
  create: z.string(),
  dir: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
});

/** As Pulumi's provider of commands runs one when it is created. @throws Error when it fails. */
export function runCommand(inputs: Properties): void {
  const { create, dir, environment } = Command.parse(inputs);
  execFileSync("/bin/sh", ["-c", create], {
    cwd: dir,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
