import { placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { Command } from "commander";
import { configured, EXIT_CODES_HELP } from "./failure.ts";
import { readOrder } from "./order-file.ts";
import type { Terminal } from "./terminal.ts";

async function submit({ write, colours }: Terminal, file: string, json: boolean): Promise<void> {
  const { draft, ids } = readOrder(file);
  const { orderId, executionName } = await placeOrder(configured(composePlaceOrder), draft, ids);
  if (json) write(`${JSON.stringify({ orderId, executionName })}\n`);
  else write(`${colours.bold("order")}      ${orderId}\n${colours.bold("execution")}  ${executionName}\n`);
}

/** `crossfade order`: orders placed by hand on the new path. */
export function orderCommand(terminal: Terminal): Command {
  const order = new Command("order").description("Orders of several items, placed directly on the new path.");
  order
    .command("submit <file>")
    .description(
      "Places the order that a JSON file describes: orderId, customerId, payment (optional), items.\n" +
        "The order id makes it one order: submitted again, the same order is placed no second time.",
    )
    .option("--json", "print orderId and executionName as one JSON object", false)
    .addHelpText(
      "after",
      `\nExamples:\n  crossfade order submit examples/order.json\n  crossfade order submit examples/order.json --json\n${EXIT_CODES_HELP}`,
    )
    .action((file: string, { json }: { json: boolean }) => submit(terminal, file, json));
  return order;
}
