import pc from "picocolors";
import type { Report } from "./report.ts";

/** The report for people. */
export function print(report: Report, broken: readonly string[], colours: boolean): string {
  const c = pc.createColors(colours);
  const row = (name: string, ...values: readonly (string | number)[]) =>
    `  ${name.padEnd(22)}${values.map((value) => String(value).padStart(13)).join("")}`;
  const { paths, direct, executions, order, charges, parity } = report;
  const zero = (name: string, count: number) =>
    row(name, count === 0 ? c.green("0".padStart(13)) : c.red(String(count).padStart(13)));
  return [
    "",
    c.bold("Messages"),
    row("received", report.received),
    row("of these rejected, kept", report.rejected),
    row("delivered twice", report.duplicatesDelivered),
    "",
    c.bold(row("Path", "completed", "failed", "in flight")),
    row("legacy", paths.legacy.completed, paths.legacy.failed, paths.legacy.inFlight),
    row("order", paths.order.completed, paths.order.failed, paths.order.inFlight),
    row(`placed directly (${direct.orders})`, direct.completed, direct.failed, direct.inFlight),
    "",
    c.bold(row("In shadow", "compared", "same", "different", "refused")),
    row("old path and plan", parity.compared, parity.matched, parity.mismatched, parity.ignored),
    row(
      "a plan and its twin",
      parity.baseline.compared,
      parity.baseline.compared - parity.baseline.mismatched,
      parity.baseline.mismatched,
    ),
    "",
    c.bold(row("Flag", "legacy", "order")),
    ...report.steps.map((step) => row(`${step.percentage} %`, step.legacy, step.order)),
    "",
    c.bold(row("Orders", "succeeded", "failed", "timed out", "aborted")),
    row(
      `${executions.started} started`,
      executions.succeeded,
      executions.failed,
      executions.timedOut,
      executions.aborted,
    ),
    "",
    c.bold(row("Items", "delegated", "native", "reversed", "claim check")),
    row("", order.delegated, order.native, order.compensations, order.claimChecked),
    "",
    c.bold(row("Approvals", "approved", "refused", "timed out")),
    row("", order.approvals.approved, order.approvals.refused, order.approvals.timedOut),
    "",
    c.bold(row("Status events", "lost", "repeated")),
    row("", report.statusEvents.lost, report.statusEvents.repeated),
    "",
    c.bold(row("Charges", "captured", "cancelled", "open")),
    row(`${charges.authorised} authorised`, charges.captured, charges.cancelled, charges.open),
    "",
    c.bold("Promises"),
    zero("lost", report.lost),
    zero("processed twice", report.processedTwice),
    zero("status regressions", report.statusRegressions),
    zero("counted wrongly", report.counted.gap),
    zero("unmirrored", report.unmirrored),
    zero("charges left open", charges.open),
    "",
    broken.length === 0
      ? c.green(`Every promise held, in ${report.seconds} s.`)
      : c.red(["Broken:", ...broken].join("\n  ")),
    "",
  ].join("\n");
}
