import * as z from "zod";
import type { MappingSettings } from "../../mappings/managed.ts";
import { type Action, defineAction } from "../action.ts";
import { invalid } from "../errors.ts";
import { mappingConfiguration } from "../mapping-configuration.ts";
import { type MappingInput, mappingInput, withQueueInput, withStreamInput } from "../mapping-input.ts";
import { checkConflict, checkSettings } from "../mapping-rules.ts";
import { checkVisibility, findSource, type Source } from "../sources.ts";
import type { World } from "../world.ts";

const input = {
  ...mappingInput,
  EventSourceArn: z.string(),
  StartingPosition: z.enum(["TRIM_HORIZON", "LATEST"]).optional(),
};

type Input = MappingInput & z.infer<z.ZodObject<Pick<typeof input, "StartingPosition">>>;

export const createEventSourceMapping = (world: World): Action =>
  defineAction({
    method: "POST",
    path: "/2015-03-31/event-source-mappings",
    input,
    run: async ({ EventSourceArn, FunctionName, ...rest }) => {
      const fn = world.functions.find(FunctionName);
      if (fn === undefined) throw invalid(`Function does not exist: ${FunctionName}`);
      const settings = settingsOf(await findSource(world, EventSourceArn), fn.name, rest);
      checkSettings(world, settings);
      await checkVisibility(world, settings, fn);
      checkConflict(world, settings);
      const mapping = world.mappings.create(settings, rest.Enabled ?? true);
      return { status: 202, body: mappingConfiguration(world, mapping) };
    },
  });

function settingsOf(source: Source, functionName: string, { StartingPosition, ...rest }: Input): MappingSettings {
  if (source.kind === "queue") {
    if (StartingPosition !== undefined) throw invalid("StartingPosition is not a parameter of an SQS event source.");
    const { queueUrl, queueArn } = source;
    return { kind: "queue", options: withQueueInput({ queueUrl, queueArn, functionName }, rest) };
  }
  if (StartingPosition === undefined) throw invalid("A stream needs a StartingPosition.");
  const { streamArn } = source;
  const options = { streamArn, functionName, startingPosition: StartingPosition };
  return { kind: "stream", options: withStreamInput(options, rest) };
}
