import type { Outcome, WholeItem } from "@crossfade/bridge";
import { Cancellation, Shipment } from "./messages.ts";
import { type Command, effectsOf } from "./outcomes.ts";

/** Each Action sends one command; whatever it is, it names the parcel. */
const COMMANDS = {
  BookShipment: { command: "book", input: Shipment },
  CancelPickup: { command: "cancel-pickup", input: Cancellation },
} as const satisfies Record<string, { command: Command; input: typeof Shipment | typeof Cancellation }>;

const isAction = (name: string): name is keyof typeof COMMANDS => Object.hasOwn(COMMANDS, name);

/** What the carrier would be told. @throws TypeError, ZodError for an item that is no work for it. */
export function plan({ action, input }: Pick<WholeItem, "action" | "input">): Outcome {
  if (!isAction(action)) throw new TypeError(`${action} is no work for the carrier`);
  const { command, input: schema } = COMMANDS[action];
  return { status: "COMPLETED", effects: effectsOf(command, { parcel: schema.parse(input).parcel }) };
}
