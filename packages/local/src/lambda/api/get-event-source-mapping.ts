import * as z from "zod";
import { type Action, defineAction } from "../action.ts";
import { mappingConfiguration } from "../mapping-configuration.ts";
import { mustFindMapping, type World } from "../world.ts";

export const getEventSourceMapping = (world: World): Action =>
  defineAction({
    method: "GET",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    input: { UUID: z.string() },
    run: ({ UUID }) => ({ status: 200, body: mappingConfiguration(world, mustFindMapping(world, UUID)) }),
  });
