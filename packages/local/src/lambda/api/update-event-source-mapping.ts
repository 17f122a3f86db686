import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { MappingSettings, MappingState } from "../../mappings/managed.ts";
import { type Action, defineAction } from "../action.ts";
import { invalid } from "../errors.ts";
import { mappingConfiguration } from "../mapping-configuration.ts";
import { type MappingInput, mappingInput, withQueueInput, withStreamInput } from "../mapping-input.ts";
import { checkConflict, checkSettings, checkSettled } from "../mapping-rules.ts";
import { checkVisibility } from "../sources.ts";
import { mustFindMapping, type World } from "../world.ts";

/** What it does not mention stays. The source of a mapping and where it began cannot be changed. */
export const updateEventSourceMapping = (world: World): Action =>
  defineAction({
    method: "PUT",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    input: { ...mappingInput, UUID: z.string(), FunctionName: z.string().optional() },
    run: async ({ UUID, FunctionName, ...input }) => {
      const mapping = mustFindMapping(world, UUID);
      checkSettled(mapping, "update");
      const fn = world.functions.find(FunctionName ?? mapping.settings.options.functionName);
      if (fn === undefined) throw invalid(`Function does not exist: ${FunctionName}`);
      await checkVisibility(world, mapping.settings, fn);
      // Another request may have changed it while this one looked at the queue: from here on nothing waits.
      checkSettled(mapping, "update");
      const settings = changed(mapping.settings, FunctionName === undefined ? undefined : fn.name, input);
      checkSettings(world, settings);
      checkConflict(world, settings, mapping);
      const wasEnabled = mapping.state === "Enabled";
      const isEnabled = input.Enabled ?? wasEnabled;
      if (isEnabled !== wasEnabled || !isDeepStrictEqual(settings, mapping.settings)) {
        mapping.change(stateBetween(wasEnabled, isEnabled), settings, isEnabled);
      }
      return { status: 202, body: mappingConfiguration(world, mapping) };
    },
  });

function changed(settings: MappingSettings, newFunction: string | undefined, input: MappingInput): MappingSettings {
  const { kind, options } = settings;
  const functionName = newFunction ?? options.functionName;
  return kind === "queue"
    ? { kind, options: { ...withQueueInput(options, input), functionName } }
    : { kind, options: { ...withStreamInput(options, input), functionName } };
}

function stateBetween(wasEnabled: boolean, isEnabled: boolean): MappingState {
  if (wasEnabled === isEnabled) return "Updating";
  return isEnabled ? "Enabling" : "Disabling";
}
