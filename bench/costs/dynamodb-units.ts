import * as z from "zod";

const Body = z.record(z.string(), z.unknown());

/** The request, asking also what it consumes. DynamoDB counts the indexes in, and a transaction's writes twice. */
export const askingForUnits = (body: string): string =>
  JSON.stringify({ ...Body.parse(JSON.parse(body)), ReturnConsumedCapacity: "TOTAL" });

const Consumed = z.object({ CapacityUnits: z.number() });
const Answer = z.object({ ConsumedCapacity: z.union([Consumed.transform((one) => [one]), z.array(Consumed)]) });

const READS = new Set(["GetItem", "Query", "BatchGetItem", "TransactGetItems", "Scan"]);

/**
 * Request units of a call that went well.
 * @throws ZodError when the answer does not say.
 */
export function unitsOf(action: string, answer: string): { readonly writeUnits: number; readonly readUnits: number } {
  const { ConsumedCapacity } = Answer.parse(JSON.parse(answer));
  const units = ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  return READS.has(action) ? { writeUnits: 0, readUnits: units } : { writeUnits: units, readUnits: 0 };
}

const RolloutRead = z.object({ Key: z.object({ pk: z.object({ S: z.string().startsWith("ROUTE#") }) }) });

/** A rollout is read when it has grown old, and not because a message came. */
export const isRefresh = (action: string, body: string): boolean =>
  action === "GetItem" && RolloutRead.safeParse(JSON.parse(body)).success;
