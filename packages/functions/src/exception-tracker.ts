import type { ErrorFacts } from "./error-facts.ts";
import { factsOf } from "./error-facts.ts";

/** The ids by which an error is found in the log and in the ledger. */
export const TAGS = ["correlationId", "orderId", "requestId", "executionArn", "messageId", "route", "action"] as const;

export interface CaptureContext {
  /** What was being done, in the log's words. */
  readonly what: string;
  /** The fields of the log line; only TAGS are taken. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where errors go that are a person's business (R3). Neither method ever throws. */
export interface ExceptionTracker {
  capture(error: unknown, context: CaptureContext): void;
  /** Waits, within a bound, until what was captured has been sent. */
  flush(): Promise<void>;
}

/** What leaves for the tracker: of an error its facts, of its surroundings a few ids. */
export interface Report {
  readonly what: string;
  readonly facts: ErrorFacts;
  readonly tags: Readonly<Record<string, string>>;
}

/** Sends reports; `drain` resolves when all have gone, or will not go. */
export interface ReportSender {
  send(report: Report): void;
  drain(): Promise<void>;
}

export interface TrackerOptions {
  readonly service: string;
  /** Loads the tracker's SDK at the first error, and not before. */
  load(): Promise<ReportSender>;
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that a flush may take. */
  readonly flushMs: number;
  /** A report may not have arrived; the log has it. */
  onLost(): void;
}

export const noTracker: ExceptionTracker = { capture: () => undefined, flush: async () => undefined };

/** Milliseconds for which the same failure of the same request is not told again. */
const REPEAT_AFTER = 15 * 60_000;
const MOST_REMEMBERED = 1_000;

/** An id is a word without spaces and without `@`: what is none may be somebody's name or address. */
const ID = /^[\w.:#/-]{1,200}$/;

function tagsOf(fields: CaptureContext["fields"]): Record<string, string> {
  const known = TAGS.flatMap((tag) => {
    const value = fields[tag];
    return typeof value === "string" && ID.test(value) ? [[tag, value]] : [];
  });
  return Object.fromEntries(known);
}

/** True before the time is up. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function exceptionTracker(options: TrackerOptions): ExceptionTracker {
  const told = new Map<string, number>();
  let sender: Promise<ReportSender> | undefined;
  let sending: Promise<unknown> | undefined;

  const isRepeated = (key: string): boolean => {
    const now = options.now();
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER) return true;
    if (told.size >= MOST_REMEMBERED) told.clear();
    told.set(key, now);
    return false;
  };

  return {
    capture(error, { what, fields }) {
      const facts = factsOf(error);
      const tags = { ...tagsOf(fields), service: options.service };
      if (isRepeated(JSON.stringify([what, facts.name, facts.code, tags]))) return;
      sender ??= options.load();
      sending = Promise.all([sending, sender.then((to) => to.send({ what, facts, tags }))]);
      // Heard in flush; between two flushes it must not end the process.
      sending.catch(() => undefined);
    },
    async flush() {
      if (sending === undefined || sender === undefined) return;
      const all = Promise.all([sending, sender.then((to) => to.drain())]);
      sending = undefined;
      if (await within(options.flushMs, all).catch(() => false)) return;
      options.onLost();
    },
  };
}
