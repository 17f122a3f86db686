import type { AuditEntry } from "@crossfade/bridge";
import { composeAudit } from "@crossfade/functions/compose-console";
import { Command, Option } from "commander";
import { configured, EXIT_CODES_HELP } from "./failure.ts";
import { isoTime } from "./figures.ts";
import { routeNamed, wholeBetween } from "./options.ts";
import { type Terminal, table } from "./terminal.ts";

interface Given {
  readonly limit: number;
  readonly after?: string;
  readonly json: boolean;
}

/** When, who, what and why. */
function rowOf(entry: AuditEntry): readonly string[] {
  const when = isoTime(entry.at);
  if (entry.kind === "guard") {
    const { kind, why, looks } = entry.entry;
    return [when, "the guard", looks === 1 ? kind : `${kind}, ${looks} looks`, why];
  }
  if (entry.kind === "policy") {
    return [
      when,
      entry.by,
      entry.policy === undefined ? "the guard's policy removed" : "the guard's policy set",
      entry.reason,
    ];
  }
  const { stage, percentage, sample, version, paused } = entry.rollout;
  const share = { legacy: "", shadow: ` ${sample} % planned`, split: ` ${percentage} %`, order: "" }[stage];
  return [when, entry.by, `version ${version}: ${paused === undefined ? stage : "paused"}${share}`, entry.reason];
}

async function audit({ write, colours }: Terminal, name: string, { limit, after, json }: Given): Promise<void> {
  const route = routeNamed(name);
  const { entries, next } = await configured(composeAudit).page(route, limit, after);
  if (json) return write(`${JSON.stringify({ route, entries, next })}\n`);
  if (entries.length === 0) return write(`Nothing was ever changed about ${route}.\n`);
  write(table(["WHEN", "WHO", "WHAT", "WHY"], entries.map(rowOf), colours));
  if (next !== undefined) write(`There is more: --limit, or --after '${next}'.\n`);
}

/** `crossfade audit`: every change of a route, and every decision of the guard (B3). */
export function auditCommand(terminal: Terminal): Command {
  return new Command("audit")
    .description("Who changed a route, when and why, and what the guard decided; newest first.")
    .argument("<route>", "the message type, as crossfade routes lists it")
    .addOption(new Option("--limit <number>", "entries that are shown").argParser(wholeBetween(1, 1_000)).default(50))
    .option("--after <place>", "where an earlier page ended")
    .option("--json", "print them as one JSON object, with all that the guard saw", false)
    .addHelpText(
      "after",
      `\nExamples:\n  crossfade audit RENEW_DOMAIN\n  crossfade audit RENEW_DOMAIN --limit 1 --json\n${EXIT_CODES_HELP}`,
    )
    .action((name: string, given: Given) => audit(terminal, name, given));
}
