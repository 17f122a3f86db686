/** Epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** Tells one delivery, or one worker, from another. */
export interface Identities {
  next(): string;
}

/** One page of a long list. `next`: where the following one begins; undefined at the end of the list. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next: string | undefined;
}

/** Where a job that goes through a long list in turns stopped last; undefined: at the list's end, or never begun. */
export interface Bookmarks {
  read(job: string): Promise<string | undefined>;
  write(job: string, at: string | undefined): Promise<void>;
}
