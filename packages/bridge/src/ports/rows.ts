import type { Claim } from "../claim.ts";
import type { RequestKey, RouteType } from "../ids.ts";
import type { Row } from "../row-image.ts";
import type { Page } from "./common.ts";

/** Rows of a request-tracking table that has no stream. */
export interface RowReader {
  /** By request id, as they stand in the table itself; a row that is not there is left out. */
  readMany(requestIds: readonly string[]): Promise<ReadonlyMap<string, Row>>;
}

/** A row that was written, as an index of its table tells it. `changedAt`: its sort attribute, epoch milliseconds. */
export interface ChangedRow {
  readonly requestId: string;
  readonly changedAt: number;
}

/** An index of the tracking table whose sort attribute grows with every write of a row. */
export interface RowIndex {
  /** One page of the rows with that partition value that were changed at `since` (epoch ms) or later, oldest first. */
  changed(partition: string, since: number, limit: number, after?: string): Promise<Page<ChangedRow>>;
}

/** Claims that have ended and whose rows are still looked at, since their publisher may write them late (A8). */
export interface WatchedClaims {
  /** Oldest decision first. */
  watched(route: RouteType, limit: number, after?: string): Promise<Page<Claim>>;
  /** Ends the watch, unless the request is in flight again. */
  forget(key: RequestKey): Promise<void>;
}
