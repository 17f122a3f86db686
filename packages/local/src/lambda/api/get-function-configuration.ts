import * as z from "zod";
import { type Action, defineAction } from "../action.ts";
import { functionConfiguration } from "../function-configuration.ts";
import { mustFindFunction, type World } from "../world.ts";

export const getFunctionConfiguration = (world: World): Action =>
  defineAction({
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/configuration",
    input: { FunctionName: z.string(), Qualifier: z.literal("$LATEST").optional() },
    run: ({ FunctionName }) => ({ status: 200, body: functionConfiguration(mustFindFunction(world, FunctionName)) }),
  });
