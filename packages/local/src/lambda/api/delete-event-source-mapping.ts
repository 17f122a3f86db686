import * as z from "zod";
import { type Action, defineAction } from "../action.ts";
import { mappingConfiguration } from "../mapping-configuration.ts";
import { checkSettled } from "../mapping-rules.ts";
import { mustFindMapping, type World } from "../world.ts";

/** It is Deleting until what it has in hand is done, then it is gone. */
export const deleteEventSourceMapping = (world: World): Action =>
  defineAction({
    method: "DELETE",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    input: { UUID: z.string() },
    run: ({ UUID }) => {
      const mapping = mustFindMapping(world, UUID);
      checkSettled(mapping, "delete");
      void world.mappings.remove(mapping);
      return { status: 202, body: mappingConfiguration(world, mapping) };
    },
  });
