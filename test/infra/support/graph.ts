import * as z from "zod";

/** A graph without the names and addresses that differ from place to place: `<bridge>` begins every name. */
export interface Graph {
  readonly functions: Readonly<Record<string, number>>;
  readonly queues: Readonly<Record<string, QueueOfGraph>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly rules: Readonly<Record<string, { readonly pattern: unknown; readonly targets: readonly string[] }>>;
  readonly machines: Readonly<Record<string, unknown>>;
  readonly activities: readonly string[];
  /** Seconds from one run of a function to the next. */
  readonly schedules: Readonly<Record<string, number>>;
  readonly sources: unknown;
  readonly delegates: unknown;
  /** By what they hold, as a person asks for them; and where their messages return. */
  readonly deadLetters: unknown;
}

export interface QueueOfGraph {
  readonly fifo: boolean;
  readonly retentionSeconds: number;
  readonly visibilitySeconds: number;
  readonly deadLetters: string | undefined;
  readonly maxReceives: number | undefined;
}

/** SQS's default, in seconds, where nobody says otherwise. */
export const DEFAULT_VISIBILITY = 30;

export const RedrivePolicy = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() }));

const ACCOUNT = "000000000000";

/**
 * Names as a graph has them. Queues are known by name, whether by URL or by ARN; a table's stream has no name that two
 * places share.
 * @param prefixes what begins the bridge's own names in that place; a legacy name may begin in the same way.
 */
export function normaliser(prefixes: readonly { readonly text: string; readonly after: RegExp }[]) {
  const name = (text: string): string => {
    const plain = text
      .replaceAll(/https?:\/\/[^/"]+\/\d{12}\/([\w.-]+)/g, "queue:$1")
      .replaceAll(/arn:aws:sqs:[\w-]+:\d{12}:([\w.-]+)/g, "queue:$1")
      .replaceAll(/arn:(aws|dynoxide):dynamodb:[^"]*table\/([\w.-]+)\/stream\/[\w:.-]+/g, "stream of $2");
    return prefixes.reduce(
      (known, { text: prefix, after }) =>
        known.replaceAll(new RegExp(`(${after.source})${prefix}-`, "g"), (_, before: string) => `${before}<bridge>-`),
      plain,
    );
  };
  return {
    name,
    /** Also within plain data. */
    data: (value: unknown): unknown => JSON.parse(name(JSON.stringify(value))),
    account: ACCOUNT,
  };
}
export type Normaliser = ReturnType<typeof normaliser>;

export const byName = <T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)));
