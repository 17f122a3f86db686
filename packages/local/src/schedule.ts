import type { FunctionHost } from "./contract.ts";
import type { Mapping } from "./mappings/sqs.ts";

export interface ScheduleOptions {
  readonly functionName: string;
  /** Milliseconds from the end of one run to the start of the next; EventBridge Scheduler's least is a minute. */
  readonly everyMs: number;
}

/** Invokes a function again and again; a run that fails is followed by the next. */
export function startSchedule(functions: FunctionHost, options: ScheduleOptions): Mapping<ScheduleOptions> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const next = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = functions.invoke(options.functionName, {}).then(next, next);
    }, options.everyMs);
  };
  next();
  return {
    options,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
