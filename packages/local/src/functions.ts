import { DEFAULT_REGION, type FunctionDescription, type FunctionRegistry } from "./contract.ts";
import { runBundle } from "./functions/bundle.ts";
import { runInProcess } from "./functions/in-process.ts";
import { functionArn, functionName } from "./functions/names.ts";
import type { Runner } from "./functions/runner.ts";

/** Lambda's default and greatest function timeout, in seconds (Lambda developer guide, "Configure function timeout"). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const GREATEST_TIMEOUT_SECONDS = 900;

interface RegisteredFunction {
  readonly description: FunctionDescription;
  readonly runner: Runner;
}

/** The functions of the embedded cloud: handlers in this process, and bundles in threads of their own. */
export function createFunctionHost(region: string = DEFAULT_REGION): FunctionRegistry {
  const functions = new Map<string, RegisteredFunction>();
  const replaced: Runner[] = [];
  const find = (nameOrArn: string) => functions.get(functionName(nameOrArn, region) ?? "");

  function describe(name: string, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS): FunctionDescription {
    const arn = functionArn(name, region);
    if (!(timeoutSeconds > 0 && timeoutSeconds <= GREATEST_TIMEOUT_SECONDS)) {
      throw new Error(`timeoutSeconds of ${name} must be above 0 and at most ${GREATEST_TIMEOUT_SECONDS}`);
    }
    return { name, arn, timeoutSeconds, environment: {}, modifiedAt: new Date() };
  }

  function add(description: FunctionDescription, runner: Runner): string {
    const { name, arn } = description;
    // What it has in hand goes on; it ends with the host.
    const before = functions.get(name)?.runner;
    if (before !== undefined) replaced.push(before);
    functions.set(name, { description, runner });
    return arn;
  }

  return {
    register(name, handler, options) {
      const description = describe(name, options?.timeoutSeconds);
      return add(description, runInProcess(description, handler));
    },
    registerBundle(name, bundle) {
      const description = { ...describe(name, bundle.timeoutSeconds), environment: bundle.environment ?? {} };
      return add(description, runBundle(description, bundle));
    },
    has: (nameOrArn) => find(nameOrArn) !== undefined,
    find: (nameOrArn) => find(nameOrArn)?.description,
    async invoke(nameOrArn, payload) {
      const found = find(nameOrArn);
      if (found === undefined) throw new Error(`Function not found: ${nameOrArn}`);
      return found.runner.run(JSON.stringify(payload ?? {}));
    },
    async close() {
      const runners = [...replaced, ...[...functions.values()].map(({ runner }) => runner)];
      await Promise.all(runners.map((runner) => runner.close()));
    },
  };
}
