import type { PollReport } from "@crossfade/bridge";
import { composePoll } from "./compose.ts";
import { CONTRADICTED } from "./error-facts.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("poll");
const poll = composePoll();

/** On a schedule, in the place of a stream: finds the rows that have something to tell, and observes them. */
export async function handler(): Promise<PollReport["counts"]> {
  logger.info("Polling");
  try {
    const { looked, counts, contradicted, failures } = await poll();
    for (const key of contradicted) tell("Row says otherwise", CONTRADICTED, { ...key });
    for (const { requestId, error } of failures) tell("Row not observed", error, { requestId });
    logger.info("Polled", { looked, ...counts });
    for (const [kind, found] of Object.entries(counts)) count(`Poll.${kind}`, found);
    return counts;
  } finally {
    await flush();
  }
}
