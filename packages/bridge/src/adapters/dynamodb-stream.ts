import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";

const Leaf = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
  z.strictObject({ NULL: z.literal(true) }),
  z.strictObject({ SS: z.array(z.string()) }),
  z.strictObject({ NS: z.array(z.string()) }),
]);
type Value = z.infer<typeof Leaf> | { M: Record<string, Value> } | { L: Value[] };
const Value: z.ZodType<Value> = z.lazy(() =>
  z.union([Leaf, z.strictObject({ M: z.record(z.string(), Value) }), z.strictObject({ L: z.array(Value) })]),
);

/**
 * A row from the image of a stream record as Lambda delivers it. An attribute that holds binary data, at any depth, is
 * left out: no contract reads one, and none may stop the stream.
 */
export function rowFromImage(image: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const readable = Object.entries(image).flatMap(([name, value]) => {
    const parsed = Value.safeParse(value);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return unmarshall(Object.fromEntries(readable));
}
