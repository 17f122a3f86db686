import type { Claim } from "@crossfade/bridge";
import { webcat } from "@crossfade/legacy";
import type { ReceivedCommand } from "@crossfade/legacy/reference";
import { type EndedOrder, type OrderReport, readEnded, reportOrders } from "./order-report.ts";
import { type Counted, type Parity, readCounts } from "./parity.ts";
import type { Plan } from "./plan.ts";
import { listOrders, quarantined, readLedger, scan } from "./reading.ts";
import { rowHistory, statusRegressions } from "./row-history.ts";
import type { World } from "./world.ts";

interface PathCount {
  completed: number;
  failed: number;
  inFlight: number;
}

/** What happened, read from the tables, the executions, and what the simulated services remember. */
export interface Report {
  /** Distinct messages that were sent; each must stand in the ledger or in quarantine (P9). */
  readonly received: number;
  readonly duplicatesDelivered: number;
  readonly rejected: number;
  readonly rejectedBy: Readonly<Record<string, number>>;
  readonly paths: { readonly legacy: PathCount; readonly order: PathCount };
  /** Items of orders placed directly on the new path. */
  readonly direct: PathCount & { readonly orders: number };
  readonly executions: Readonly<Record<"started" | "succeeded" | "failed" | "timedOut" | "aborted", number>>;
  /** What orders did on the new path alone. */
  readonly order: OrderReport;
  /** Status events on their way to the mirror and to settle. */
  readonly statusEvents: { readonly lost: number; readonly repeated: number };
  /** Messages sent of which the bridge kept neither an end nor a refusal. */
  readonly lost: number;
  /** Commands that a service received twice for one request because of the bridge. */
  readonly processedTwice: number;
  readonly statusRegressions: number;
  readonly parity: Parity;
  /** The bridge's own counts of all that, direct orders among them. */
  readonly counted: Counted;
  /** Items of ended orders whose row does not say so. */
  readonly unmirrored: number;
  readonly charges: Readonly<Record<"authorised" | "captured" | "cancelled" | "open", number>>;
  readonly steps: readonly { readonly percentage: number; readonly legacy: number; readonly order: number }[];
  readonly seconds: number;
}

const isFailed = (claim: Claim): boolean => (claim.orderOutcome ?? claim.legacyOutcome)?.status === "FAILED";

function countPaths(claims: readonly Claim[]): PathCount {
  const ended = claims.filter((claim) => claim.endedAt !== undefined);
  const failed = ended.filter(isFailed).length;
  return { completed: ended.length - failed, failed, inFlight: claims.length - ended.length };
}

/**
 * A command was worked when the service did it or refused it for good; "unavailable" did nothing. A request of several
 * commands has each of them once.
 */
function twice(commands: readonly ReceivedCommand[]): number {
  const worked = commands.filter(({ outcome }) => outcome === "done" || outcome === "refused");
  return worked.length - new Set(worked.map(({ requestId, command }) => `${requestId} ${command}`)).size;
}

function countUnmirrored(orders: readonly EndedOrder[], rows: ReadonlyMap<string, unknown>): number {
  let unmirrored = 0;
  for (const { order, outcome } of orders) {
    for (const item of order.items) {
      const phase = webcat.tracking.read(rows.get(item.requestId))?.phase;
      const end = outcome?.items.find(({ itemId }) => itemId === item.itemId);
      const wanted = end && (end.status === "FAILED" ? "failed" : "completed");
      const told = wanted === undefined ? phase === "completed" || phase === "failed" : phase === wanted;
      if (!told) unmirrored++;
    }
  }
  return unmirrored;
}

const countBy = (values: readonly (string | undefined)[], wanted: string): number =>
  values.filter((value) => value === wanted).length;

/** @param startedAt epoch milliseconds. */
export async function makeReport(world: World, plan: Plan, startedAt: number): Promise<Report> {
  const ledger = await readLedger(world);
  const { claims, percentageOf } = ledger;
  const rows = new Map((await scan(world, world.legacy.trackingTable)).map((row) => [String(row["requestId"]), row]));
  const codes = await quarantined(world);
  const rejected = [...codes.values()].reduce((sum, count) => sum + count, 0);
  const messages = claims.filter((claim) => claim.origin === "message");
  const direct = claims.filter((claim) => claim.origin === "direct");
  const executions = await listOrders(world);
  const orders = await readEnded(world, executions);
  const statuses = executions.map(({ status }) => status);
  const charges = await world.charges.states();
  const ended = new Set(
    messages.filter((claim) => claim.endedAt !== undefined).map((claim) => String(claim.requestId)),
  );
  const steps = [...new Set(messages.map(percentageOf))].filter((percentage) => percentage !== undefined);
  return {
    received: plan.requestIds.size + plan.invalid,
    duplicatesDelivered: plan.repeats,
    rejected,
    rejectedBy: Object.fromEntries([...codes].sort()),
    paths: {
      legacy: countPaths(messages.filter((claim) => claim.path === "legacy")),
      order: countPaths(messages.filter((claim) => claim.path === "order")),
    },
    direct: { orders: new Set(direct.map((claim) => claim.orderId)).size, ...countPaths(direct) },
    executions: {
      started: executions.length,
      succeeded: countBy(statuses, "SUCCEEDED"),
      failed: countBy(statuses, "FAILED"),
      timedOut: countBy(statuses, "TIMED_OUT"),
      aborted: countBy(statuses, "ABORTED"),
    },
    order: await reportOrders(world, orders, claims),
    statusEvents: { lost: world.events.lost, repeated: world.events.repeated },
    lost: [...plan.requestIds].filter((id) => !ended.has(id)).length + Math.max(0, plan.invalid - rejected),
    processedTwice: twice([...world.registry.commands(), ...world.dns.commands()]),
    statusRegressions: statusRegressions(await rowHistory(world.legacy.trackingStreamArn)),
    ...(await readCounts(world, ledger)),
    unmirrored: countUnmirrored(orders, rows),
    charges: {
      authorised: charges.length,
      captured: countBy(charges, "captured"),
      cancelled: countBy(charges, "cancelled"),
      open: countBy(charges, "authorised"),
    },
    steps: steps
      .sort((a, b) => a - b)
      .map((percentage) => {
        const here = messages.filter((claim) => percentageOf(claim) === percentage);
        const legacy = here.filter((claim) => claim.path === "legacy").length;
        return { percentage, legacy, order: here.length - legacy };
      }),
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  };
}

/** The promises that did not hold, in words; empty when all held. */
export function broken(report: Report): string[] {
  const { paths, direct, charges } = report;
  const crossed = [paths.legacy, paths.order].reduce(
    (sum, path) => sum + path.completed + path.failed + path.inFlight,
    0,
  );
  const inFlight = paths.legacy.inFlight + paths.order.inFlight + direct.inFlight;
  const checks: readonly (readonly [boolean, string])[] = [
    [report.lost === 0, `P1: ${report.lost} messages lost`],
    [report.processedTwice === 0, `P2: ${report.processedTwice} commands received twice`],
    [report.statusRegressions === 0, `P5: ${report.statusRegressions} rows went back to an older state`],
    [report.unmirrored === 0, `P6: ${report.unmirrored} items of ended orders not mirrored`],
    [charges.open === 0, `P7: ${charges.open} charges left open`],
    [charges.captured + charges.cancelled + charges.open === charges.authorised, "P7: the charges do not add up"],
    [crossed + report.rejected === report.received, "P9: received is not legacy + order + rejected"],
    [report.counted.gap === 0, `P9: the counts and the ledger disagree by ${report.counted.gap}`],
    [inFlight === 0, `P6: ${inFlight} requests still in flight`],
  ];
  return checks.filter(([held]) => !held).map(([, what]) => what);
}
