import * as z from "zod";
import { sourceArnOf } from "../../mappings/registry.ts";
import { type Action, defineAction } from "../action.ts";
import { invalid } from "../errors.ts";
import { mappingConfiguration } from "../mapping-configuration.ts";
import { functionOf } from "../mapping-rules.ts";
import { mustFindFunction, type World } from "../world.ts";

/** However many a request asks for (API reference). */
const PAGE = 100;

export const listEventSourceMappings = (world: World): Action =>
  defineAction({
    method: "GET",
    path: "/2015-03-31/event-source-mappings",
    input: {
      EventSourceArn: z.string().optional(),
      FunctionName: z.string().optional(),
      Marker: z.string().optional(),
      MaxItems: z.coerce.number().int().min(1).max(10_000).default(PAGE),
    },
    run: ({ EventSourceArn, FunctionName, Marker, MaxItems }) => {
      const fn = FunctionName === undefined ? undefined : mustFindFunction(world, FunctionName);
      const after = Marker === undefined ? "" : readMarker(Marker);
      const found = world.mappings
        .list()
        .filter((mapping) => EventSourceArn === undefined || sourceArnOf(mapping.settings) === EventSourceArn)
        .filter((mapping) => fn === undefined || functionOf(world, mapping) === fn)
        .filter((mapping) => mapping.uuid > after);
      const page = found.slice(0, Math.min(MaxItems, PAGE));
      const last = page.at(-1);
      const NextMarker = last !== undefined && found.length > page.length ? marker(last.uuid) : undefined;
      const EventSourceMappings = page.map((mapping) => mappingConfiguration(world, mapping));
      return { status: 200, body: { EventSourceMappings, NextMarker } };
    },
  });

/** A marker holds the last UUID of a page, so that it stays good when that mapping is deleted. */
function marker(uuid: string): string {
  return Buffer.from(uuid).toString("base64url");
}

function readMarker(text: string): string {
  const uuid = z.uuid().safeParse(Buffer.from(text, "base64url").toString());
  if (!uuid.success) throw invalid(`not a marker: ${text}`);
  return uuid.data;
}
