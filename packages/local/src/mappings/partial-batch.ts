import * as z from "zod";

const PartialBatchResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** What a function's answer says about its batch. `all` carries why, for whoever has to find the fault. */
export type BatchVerdict =
  | { readonly kind: "succeeded" }
  | { readonly kind: "some-failed"; readonly failed: ReadonlySet<string> }
  | { readonly kind: "all-failed"; readonly reason: string };

/**
 * Reads the answer of a function whose mapping has ReportBatchItemFailures (Lambda guide, "Success and failure
 * conditions"). No answer, an empty object, a null or empty list: everything succeeded. A null or empty
 * itemIdentifier, another key in its place, an id that was not in the batch, or no object at all: everything failed.
 */
export function readPartialBatch(response: unknown, known: ReadonlySet<string>): BatchVerdict {
  const parsed = PartialBatchResponse.safeParse(response);
  if (!parsed.success) return { kind: "all-failed", reason: `malformed response: ${z.prettifyError(parsed.error)}` };

  const failed = new Set(parsed.data?.batchItemFailures?.map((item) => item.itemIdentifier));
  if (failed.size === 0) return { kind: "succeeded" };

  const strangers = [...failed].filter((id) => !known.has(id));
  if (strangers.length > 0) return { kind: "all-failed", reason: `not in the batch: ${strangers.join(", ")}` };
  return { kind: "some-failed", failed };
}
