import type { ManagedMapping, MappingSettings } from "../mappings/managed.ts";
import { sourceArnOf } from "../mappings/registry.ts";
import { conflict, inUse, invalid } from "./errors.ts";
import type { World } from "./world.ts";

/** Throws InvalidParameterValueException for settings that no source allows. */
export function checkSettings(world: World, settings: MappingSettings): void {
  try {
    world.mappings.check(settings);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/** One mapping of a source to a function, not two. */
export function checkConflict(world: World, settings: MappingSettings, self?: ManagedMapping): void {
  const arn = sourceArnOf(settings);
  const fn = world.functions.find(settings.options.functionName);
  const other = world.mappings
    .list()
    .find((mapping) => mapping !== self && sourceArnOf(mapping.settings) === arn && functionOf(world, mapping) === fn);
  if (other === undefined) return;
  throw conflict(`The event source ${arn} is mapped to the function ${fn?.name} already, with UUID ${other.uuid}.`);
}

/** Throws ResourceInUseException while a change is under way. */
export function checkSettled(mapping: ManagedMapping, verb: "update" | "delete"): void {
  if (mapping.isSettled) return;
  throw inUse(`Cannot ${verb} the event source mapping ${mapping.uuid} while it is ${mapping.state}.`);
}

export function functionOf(world: World, mapping: ManagedMapping) {
  return world.functions.find(mapping.settings.options.functionName);
}
