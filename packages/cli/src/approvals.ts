import { userInfo } from "node:os";
import { type Approval, ApprovalAnswer, answerApproval, explain, listApprovals, OrderId } from "@crossfade/bridge";
import { composeApprovalList, composeApprovals } from "@crossfade/functions/compose";
import { Command } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { type Terminal, table } from "./terminal.ts";

const PAGE = 100;

async function everyApproval(): Promise<Approval[]> {
  const deps = configured(composeApprovalList);
  const all: Approval[] = [];
  let after: string | undefined;
  do {
    const { entries, next } = await listApprovals(deps, PAGE, after);
    all.push(...entries);
    after = next;
  } while (after !== undefined);
  return all;
}

const isoTime = (at: number): string => new Date(at).toISOString();

/** What a script reads: never the token, sealed or not. */
const jsonOf = ({ question, attempt, askedAt, decision }: Approval) => ({
  ...{ ...question, attempt, askedAt: isoTime(askedAt) },
  ...(decision && { decision: { ...decision, at: isoTime(decision.at) } }),
});

const HEADINGS = ["ORDER", "AMOUNT", "OVER", "ITEMS", "ASKED", "STATE"];
const rowOf = ({ question: { orderId, amount, over, items }, askedAt, decision }: Approval) => {
  const state = decision === undefined ? "waits" : `${word(decision)} by ${decision.by}, not told yet`;
  return [orderId, amount, over, items, isoTime(askedAt), state];
};

async function list({ write, colours }: Terminal, json: boolean): Promise<void> {
  const approvals = await everyApproval();
  if (json) write(`${JSON.stringify(approvals.map(jsonOf))}\n`);
  else if (approvals.length === 0) write("No order waits for approval.\n");
  else write(table(HEADINGS, approvals.map(rowOf), colours));
}

const word = ({ approved }: { readonly approved: boolean }): string => (approved ? "approved" : "refused");

interface Given {
  readonly reason: string;
  readonly by?: string;
}

function answerOf(approved: boolean, { reason, by = userInfo().username }: Given): ApprovalAnswer {
  const parsed = ApprovalAnswer.safeParse({ approved, by, reason });
  if (parsed.success) return parsed.data;
  const { field, rule } = explain(parsed.error);
  throw new CliError(EXIT.badInput, `--${field}: ${rule}`);
}

async function answer({ write, colours }: Terminal, id: string, given: ApprovalAnswer): Promise<void> {
  const orderId = OrderId.safeParse(id);
  if (!orderId.success) throw new CliError(EXIT.badInput, "orderId: must be a UUID, as approvals list shows it");
  const result = await answerApproval(configured(composeApprovals), orderId.data, given);
  switch (result.kind) {
    case "answered":
    case "waiting": {
      const { by, reason } = result.decision;
      const told = result.kind === "answered" ? "" : "; the order asks anew, and will be told";
      write(`order ${id} is ${colours.bold(word(result.decision))} by ${by}: ${reason}${told}\n`);
      return;
    }
    case "decided-otherwise": {
      const { by, reason, at } = result.decision;
      const what = `${word(result.decision)} by ${by} at ${isoTime(at)}: ${reason}`;
      throw new CliError(EXIT.conflict, `order ${id} was ${what}; that stands`);
    }
    case "expired":
      throw new CliError(EXIT.conflict, `order ${id} waits for no answer any more; its request is closed as expired`);
    case "unknown":
      throw new CliError(EXIT.badInput, `no request of order ${id} is known: see crossfade approvals list`);
  }
}

/** `crossfade approvals`: what people are asked, and their answers (N16). */
export function approvalsCommand(terminal: Terminal): Command {
  const approvals = new Command("approvals").description("Orders over a threshold wait until a person decides.");
  approvals
    .command("list")
    .description("Requests that wait for an answer, oldest first. Amounts are in the currency's minor unit.")
    .option("--json", "print them as one JSON array", false)
    .addHelpText(
      "after",
      `\nExamples:\n  crossfade approvals list\n  crossfade approvals list --json\n${EXIT_CODES_HELP}`,
    )
    .action(({ json }: { json: boolean }) => list(terminal, json));
  for (const [name, approved] of [
    ["approve", true],
    ["refuse", false],
  ] as const) {
    const example = `crossfade approvals ${name} 0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11`;
    approvals
      .command(`${name} <orderId>`)
      .description(
        approved
          ? "Lets the order begin its items."
          : "Ends the order: every item fails with name and reason, and its charge is cancelled.",
      )
      .requiredOption("--reason <text>", "why; kept with the decision")
      .option("--by <name>", "who decides (default: your user name here)")
      .addHelpText(
        "after",
        `\nThe first decision stands; the same one again is fine.\n\nExamples:\n  ${example} --reason "a customer we know"\n  ${example} --reason "asked by telephone" --by Aino\n${EXIT_CODES_HELP}`,
      )
      .action((id: string, given: Given) => answer(terminal, id, answerOf(approved, given)));
  }
  return approvals;
}
