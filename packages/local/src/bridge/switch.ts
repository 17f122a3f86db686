import { setTimeout as pause } from "node:timers/promises";
import { GetEventSourceMappingCommand, LambdaClient, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { clientOptions } from "../clients.ts";
import type { Cloud } from "../index.ts";

const LOOK_EVERY = 20;

/** Switches event source mappings on or off, all at once, and waits until they are: what was in hand is then done. */
export async function switchMappings(
  { endpoints, region }: Pick<Cloud, "endpoints" | "region">,
  ids: readonly string[],
  enabled: boolean,
): Promise<void> {
  const client = new LambdaClient(clientOptions(endpoints.lambda, region));
  const wanted = enabled ? "Enabled" : "Disabled";
  await Promise.all(
    ids.map(async (UUID) => {
      const before = await client.send(new GetEventSourceMappingCommand({ UUID }));
      if (before.State === wanted) return;
      await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: enabled }));
      while ((await client.send(new GetEventSourceMappingCommand({ UUID }))).State !== wanted) await pause(LOOK_EVERY);
    }),
  );
  client.destroy();
}
