import { openEnvelope, type SqsRecord } from "../envelope.ts";
import { BridgeError } from "../errors.ts";
import type { RequestKey } from "../ids.ts";
import { type IngestDeps, ingestRecord } from "../ingest.ts";
import type { Clock } from "../ports.ts";
import type { Pause, Queues } from "./ports.ts";

export interface SweepDeps {
  readonly queues: Queues;
  readonly ingest: IngestDeps;
  readonly clock: Clock;
  readonly pause: Pause;
}

export interface SweepOrder {
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Epoch milliseconds: what was sent later, ingest has never had. */
  readonly ingestOffAt: number;
  /** Seconds for which what was received stays hidden. */
  readonly hiddenSeconds: number;
  /** The maxReceiveCount of the queue's redrive policy. */
  readonly mostReceives?: number | undefined;
  /** Told before messages are hidden until then (epoch ms), so that the next sweep waits for them; throws to stop this one. */
  readonly onHiding: (until: number) => Promise<void>;
}

/** How many messages were taken out of the queue, and how many were given back. */
export interface Swept {
  readonly takenOut: number;
  readonly givenBack: number;
}

/** A busy publisher lets no poll come back empty: after so many full looks at nothing but newer messages it is over. */
const LOOKS_AT_NEWER = 10;
/** Milliseconds that a long poll may take, with the call itself: what it brings is hidden from its end on. */
const POLL_MS = 5_000;
/** Messages of one receive. */
const BATCH = 10;
/** Milliseconds until a message that could not be carried out is tried again, and for how long. */
const RETRY_MS = 1_000;
const RETRY_FOR_MS = 5 * 60_000;

/** The request that a message stands for; undefined where it is none, which ingest would refuse. */
function keyOf({ migration, sources }: IngestDeps, record: SqsRecord): RequestKey | undefined {
  const source = sources.find(({ queueArn }) => queueArn === record.eventSourceARN);
  try {
    const { body } = openEnvelope(record, source?.topicArns ?? []);
    return migration.routeOf(body).parse(body).key;
  } catch (error) {
    if (error instanceof BridgeError && error.disposition === "reject") return undefined;
    throw error;
  }
}

/** Nothing makes a message visible again before the sweep says so. */
const patient = (ingest: IngestDeps): IngestDeps => ({ ...ingest, redelivery: { comeBackIn: async () => {} } });

/**
 * With nobody reading the source queue, takes out of it what the ledger has claimed: ingest had it and did not
 * acknowledge it, and the old consumer would do it a second time (D9). What was not sent or started yet is, by the use
 * case of ingest. All else is given back, untouched but for one receive. A message that the redrive policy would not
 * let be received again is not given back: it is forwarded as ingest does, since its route is held at legacy.
 * @throws BridgeError DEPENDENCY_FAILED where a claimed message could not be carried out; all are in the queue then.
 */
export async function sweep(deps: SweepDeps, order: SweepOrder): Promise<Swept> {
  const { queues, clock, pause } = deps;
  const ingest = patient(deps.ingest);
  const { queueUrl, queueArn, hiddenSeconds, mostReceives = Number.POSITIVE_INFINITY } = order;
  /** By message id, what is to be given back: its newest receipt. */
  const back = new Map<string, string>();
  let hiddenUntil = 0;
  let takenOut = 0;

  /** Keeps hidden what was received, for long enough that the next poll cannot meet it. */
  async function keepHidden(): Promise<void> {
    const needed = clock.now() + hiddenSeconds * 1000;
    if (hiddenUntil >= needed) return;
    hiddenUntil = needed + (hiddenSeconds * 1000) / 2;
    await order.onHiding(hiddenUntil + POLL_MS);
    await queues.hide(queueUrl, [...back.values()], Math.floor(hiddenSeconds * 1.5));
  }

  async function isOurs(record: SqsRecord): Promise<boolean> {
    const key = keyOf(ingest, record);
    const claimed = key !== undefined && (await ingest.ledger.read(key)) !== undefined;
    return claimed || record.attributes.ApproximateReceiveCount >= mostReceives;
  }

  async function carryOut(record: SqsRecord): Promise<void> {
    const deadline = clock.now() + RETRY_FOR_MS;
    for (;;) {
      const outcome = await ingestRecord(ingest, record);
      if (outcome.kind !== "failed") break;
      if (clock.now() > deadline) {
        const message = "a message of the source queue could not be carried out: run it again";
        throw new BridgeError("DEPENDENCY_FAILED", "retry", message, { cause: outcome.error });
      }
      await pause.for(RETRY_MS);
      await keepHidden();
      await queues.hide(queueUrl, [record.receiptHandle], hiddenSeconds);
    }
    await queues.acknowledge(queueUrl, [record.receiptHandle]);
    takenOut++;
  }

  try {
    for (let newer = 0; newer < LOOKS_AT_NEWER; ) {
      await keepHidden();
      const records = await queues.receive(queueUrl, queueArn, hiddenSeconds);
      if (records.length === 0) break;
      const onlyNewer = records.every(({ attributes }) => attributes.SentTimestamp > order.ingestOffAt);
      newer = onlyNewer && records.length < BATCH ? newer + 1 : 0;
      for (const record of records) back.set(record.messageId, record.receiptHandle);
      const handled = await Promise.allSettled(
        records.map(async (record) => {
          if (!(await isOurs(record))) return;
          back.delete(record.messageId);
          await carryOut(record);
        }),
      );
      // Only when none is in hand any more: a sweep that is over does nothing behind the next one's back.
      const failed = handled.find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  } finally {
    await queues.hide(queueUrl, [...back.values()], 0);
  }
  return { takenOut, givenBack: back.size };
}
