/** Records of one lane of a shard, in order, and how often a batch with its first record was retried. */
export interface Batch<T> {
  readonly records: readonly T[];
  readonly retries: number;
}

export interface RetryPolicy {
  /** `undefined`: for ever, AWS's default. */
  readonly maximumRetryAttempts?: number | undefined;
  readonly bisectBatchOnFunctionError?: boolean | undefined;
}

export type RetryPlan<T> =
  | { readonly kind: "retry"; readonly batches: readonly Batch<T>[] }
  | { readonly kind: "discard"; readonly records: readonly T[] };

/**
 * What to do with a stream batch that failed from index `failedFrom` on (0: all of it). Records before the index are
 * done; it and all later ones come again, in order. With bisecting the batch is cut at the reported record, else in
 * halves; a cut does not count towards the retries (Lambda guide, "Using AWS Lambda with Amazon DynamoDB"). Every
 * other retry counts, whether or not the checkpoint moved.
 */
export function planRetry<T>(batch: Batch<T>, failedFrom: number, policy: RetryPolicy): RetryPlan<T> {
  const { retries } = batch;
  const records = batch.records.slice(failedFrom);
  if (policy.bisectBatchOnFunctionError && failedFrom > 0) return { kind: "retry", batches: [{ records, retries }] };
  if (policy.bisectBatchOnFunctionError && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    const halves = [records.slice(0, middle), records.slice(middle)];
    return { kind: "retry", batches: halves.map((half) => ({ records: half, retries })) };
  }
  if (policy.maximumRetryAttempts !== undefined && retries >= policy.maximumRetryAttempts) {
    return { kind: "discard", records };
  }
  return { kind: "retry", batches: [{ records, retries: retries + 1 }] };
}
