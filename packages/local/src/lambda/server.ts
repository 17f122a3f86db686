import type { RunningServer } from "../contract.ts";
import { createEventSourceMapping } from "./api/create-event-source-mapping.ts";
import { deleteEventSourceMapping } from "./api/delete-event-source-mapping.ts";
import { getEventSourceMapping } from "./api/get-event-source-mapping.ts";
import { getFunction } from "./api/get-function.ts";
import { getFunctionConfiguration } from "./api/get-function-configuration.ts";
import { invoke } from "./api/invoke.ts";
import { listEventSourceMappings } from "./api/list-event-source-mappings.ts";
import { updateEventSourceMapping } from "./api/update-event-source-mapping.ts";
import { serve } from "./http.ts";
import type { World } from "./world.ts";

/**
 * Lambda's API (2015-03-31) for the functions and event source mappings of this process. Functions are made by a program,
 * not by a request. Everything it does not do it refuses with "not supported by the local cloud: X".
 */
export function startLambda(world: World, port = 0): Promise<RunningServer> {
  const actions = [
    invoke,
    getFunction,
    getFunctionConfiguration,
    createEventSourceMapping,
    getEventSourceMapping,
    listEventSourceMappings,
    updateEventSourceMapping,
    deleteEventSourceMapping,
  ];
  return serve(
    actions.map((action) => action(world)),
    port,
  );
}
