import { SfnError } from "./errors.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

export interface PageRequest {
  /** 0 to 1000; 0 and absence mean 100 (API reference, "maxResults"). */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

const TOKEN = /^after:(\d+)$/;

/**
 * One page of a list in a stable order. Each item has a position that never changes, so that a token stays valid while
 * items are added at either end. Throws InvalidToken for a token that this server did not give.
 */
export function page<T>(sorted: Iterable<T>, position: (item: T) => number, request: PageRequest): Page<T> {
  const limit = request.maxResults || 100;
  const after = request.nextToken === undefined ? undefined : decode(request.nextToken);
  const items: T[] = [];
  let skipping = after !== undefined;
  for (const item of sorted) {
    if (skipping) {
      skipping = position(item) !== after;
      continue;
    }
    const last = items.at(-1);
    if (items.length === limit && last !== undefined) return { items, nextToken: encode(position(last)) };
    items.push(item);
  }
  return { items };
}

function encode(position: number): string {
  return Buffer.from(`after:${position}`).toString("base64");
}

function decode(token: string): number {
  const match = TOKEN.exec(Buffer.from(token, "base64").toString());
  if (match?.[1] === undefined) throw new SfnError("InvalidToken", `Invalid Token: '${token}'`);
  return Number(match[1]);
}
