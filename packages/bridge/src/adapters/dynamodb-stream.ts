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
 * A row from the image of a stream record as Lambda delivers it. Binary attributes are left out: no row has them.
 * @throws ZodError when the image is no DynamoDB image.
 */
export function rowFromImage(image: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const textual = Object.entries(image).filter(([, value]) => !isBinary(value));
  return unmarshall(z.record(z.string(), Value).parse(Object.fromEntries(textual)));
}

const isBinary = (value: unknown): boolean =>
  typeof value === "object" && value !== null && ("B" in value || "BS" in value);
