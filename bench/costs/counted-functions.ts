import { fileURLToPath } from "node:url";
import { FUNCTIONS, type FunctionName } from "@crossfade/bridge/deployment";
import type { FunctionRegistry } from "@crossfade/local";
import * as z from "zod";
import type { Invocation } from "./tally.ts";

const ROOT = new URL("../../", import.meta.url);
const THREAD = fileURLToPath(new URL("./function-thread.ts", import.meta.url));

const Answered = z.object({ answer: z.unknown(), logged: z.string() });

export interface CountedFunction {
  readonly functions: FunctionRegistry;
  /** Variables of the function, and what its SDK clients need. */
  readonly environment: Readonly<Record<string, string>>;
  onInvoked(invocation: Invocation): void;
}

/**
 * Puts a function of the bridge, in a thread of its own, in the place of the one that was deployed: what it calls is
 * told by its name, and what it logs is kept.
 */
export function countFunction(name: FunctionName, { functions, environment, onInvoked }: CountedFunction): void {
  const { handler, timeoutSeconds } = FUNCTIONS[name];
  const dot = handler.lastIndexOf(".");
  const inThread = `counted-${name}`;
  functions.registerBundle(inThread, {
    file: THREAD,
    environment: {
      ...environment,
      AWS_SDK_UA_APP_ID: name,
      COUNTED_MODULE: new URL(`${handler.slice(0, dot)}.ts`, ROOT).href,
      COUNTED_EXPORT: handler.slice(dot + 1),
    },
    timeoutSeconds,
    // One instance: ten orders that end at once would load ten, and nothing would be learnt from it.
    concurrency: 1,
  });
  const invoke = async (event: unknown): Promise<unknown> => {
    const result = await functions.invoke(inThread, event);
    if (result.kind === "failed") {
      onInvoked({ name, failed: true, lines: [] });
      throw new Error(`${name}: ${result.errorType}: ${result.errorMessage}`);
    }
    const { answer, logged } = Answered.parse(result.payload);
    onInvoked({ name, failed: false, lines: logged.split("\n").filter((line) => line !== "") });
    return answer;
  };
  functions.register(`crossfade-${name}`, invoke, { timeoutSeconds });
}
