import type { RouteType } from "../ids.ts";
import type { AuditReader, Clock, Page, VerdictReader } from "../ports.ts";
import type { Path } from "../rollout.ts";
import type { AuditPage, DifferenceView, Verdict, VerdictPage } from "./views.ts";

/** Of a long list, as much as is asked for, from where the last page ended. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

const nextOf = ({ next }: Page<unknown>) => next !== undefined && { next };

/**
 * Requests with one verdict against legacy, newest first. Two reads.
 * @throws BridgeError PLACE_UNKNOWN (reject) where `after` is nothing that a page ended with.
 */
export async function verdictPage(
  { verdicts, clock }: { readonly verdicts: Pick<VerdictReader, "page">; readonly clock: Clock },
  route: RouteType,
  verdict: Verdict,
  { limit, after }: PageRequest,
): Promise<VerdictPage> {
  const page = await verdicts.page(route, verdict, limit, after);
  return { at: clock.now(), route, verdict, requests: [...page.entries], ...nextOf(page) };
}

/**
 * One kind of difference, with the verdicts on its examples: one read, and one more for each example (10 at most).
 * @returns undefined where no such kind was found.
 */
export async function differenceView(
  { verdicts, clock }: { readonly verdicts: Pick<VerdictReader, "groups" | "of">; readonly clock: Clock },
  route: RouteType,
  against: Path,
  id: string,
): Promise<DifferenceView | undefined> {
  const group = (await verdicts.groups(route, against)).find((each) => each.id === id);
  if (group === undefined) return undefined;
  const judged = await Promise.all(group.examples.map(({ requestId }) => verdicts.of({ route, requestId })));
  return { at: clock.now(), group, requests: judged.flat().filter((each) => each.against === against) };
}

/**
 * What was changed of a route and what the guard decided, newest first. One read.
 * @throws BridgeError PLACE_UNKNOWN (reject) where `after` is nothing that a page ended with.
 */
export async function auditPage(
  { audit, clock }: { readonly audit: AuditReader; readonly clock: Clock },
  route: RouteType,
  { limit, after }: PageRequest,
): Promise<AuditPage> {
  const page = await audit.page(route, limit, after);
  return { at: clock.now(), route, entries: [...page.entries], ...nextOf(page) };
}
