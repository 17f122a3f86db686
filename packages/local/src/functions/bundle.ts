import { pathToFileURL } from "node:url";
import type { FunctionBundle, InvocationResult } from "../contract.ts";
import { exitFailure } from "./failure.ts";
import type { Identity, Runner } from "./runner.ts";
import { Sandbox } from "./sandbox.ts";

const DEFAULT_CONCURRENCY = 4;

/**
 * Runs a bundle in threads of its own, as many as there are invocations at a time, up to its concurrency. Beyond that
 * an invocation waits for a free one (Lambda would refuse it as throttled, and its caller would come again).
 */
export function runBundle(fn: Identity, bundle: FunctionBundle): Runner {
  const { concurrency = DEFAULT_CONCURRENCY, export: exportName = "handler" } = bundle;
  const data = { url: pathToFileURL(bundle.file).href, exportName };
  const all = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const waiting: (() => void)[] = [];
  let isClosed = false;

  function take(): Sandbox | undefined {
    for (let sandbox = idle.pop(); sandbox !== undefined; sandbox = idle.pop()) {
      if (sandbox.isUsable) return sandbox;
      all.delete(sandbox);
    }
    if (all.size >= concurrency) return undefined;
    const sandbox = new Sandbox(fn, data, bundle.environment ?? {});
    all.add(sandbox);
    return sandbox;
  }

  function giveBack(sandbox: Sandbox): void {
    idle.push(sandbox);
    waiting.shift()?.();
  }

  return {
    async run(payload): Promise<InvocationResult> {
      let sandbox: Sandbox | undefined;
      while (sandbox === undefined) {
        if (isClosed) return exitFailure("none", 0);
        sandbox = take();
        if (sandbox === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await sandbox.invoke(payload);
      } finally {
        giveBack(sandbox);
      }
    },
    async close() {
      isClosed = true;
      for (const wake of waiting.splice(0)) wake();
      await Promise.all([...all].map((sandbox) => sandbox.end()));
    },
  };
}
