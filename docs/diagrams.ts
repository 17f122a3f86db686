import { diagramOf, type Machine, orderMachine } from "@crossfade/bridge/machines";
import { WEBCAT_CHECKS, webcatActions } from "@crossfade/legacy";
import { putBetween } from "./between.ts";

/** The worked migration's machines by their names. No address of theirs is shown, so none is real here. */
export function documentedMachines(): Readonly<Record<string, Machine>> {
  const activities = { registry: "registry", dns: "dns" };
  const order = orderMachine({
    statesArn: "arn:aws:states:region:account",
    migration: "webcat",
    finishOrderArn: "finish-order",
    planArn: "plan",
    checks: WEBCAT_CHECKS.map((check) => ({ ...check, functionArn: `check-${check.name}` })),
    approvals: { queueUrl: "approvals", ledgerTable: "ledger" },
  });
  return { Order: order, ...webcatActions({ activities, delegateFunction: "delegate" }) };
}

const markers = (name: string) => [`<!-- diagram of ${name} -->\n`, `\n<!-- end of diagram -->`] as const;

/**
 * The document with every machine's diagram, drawn anew, between its markers.
 * @throws Error when a machine has no place in the document.
 */
export function withDiagrams(document: string): string {
  return Object.entries(documentedMachines()).reduce((text, [name, machine]) => {
    const [start, end] = markers(name);
    return putBetween(text, start, end, `\`\`\`mermaid\n${diagramOf(machine)}\n\`\`\``);
  }, document);
}
