import * as z from "zod";
import { type Action, defineAction } from "../action.ts";
import { functionConfiguration } from "../function-configuration.ts";
import { mustFindFunction, type World } from "../world.ts";

/** Without Code: a function here has no package to download. */
export const getFunction = (world: World): Action =>
  defineAction({
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}",
    input: { FunctionName: z.string(), Qualifier: z.literal("$LATEST").optional() },
    run: ({ FunctionName }) => ({
      status: 200,
      body: { Configuration: functionConfiguration(mustFindFunction(world, FunctionName)), Tags: {} },
    }),
  });
