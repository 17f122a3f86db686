import type { Payments } from "@crossfade/bridge";
import type { Documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { StripePayments } from "@crossfade/bridge/adapters/stripe-payments";
import { type CardAuthoriser, readMessage, SampleLine, sampleText } from "@crossfade/legacy/reference";
import type { StripeAccess } from "@crossfade/local/bridge";
import { startStripe } from "@crossfade/local/stripe";
import Stripe from "stripe";
import * as z from "zod";
import { requestIdOf } from "./plan.ts";
import { scanTable } from "./reading.ts";

/** The card provider of a run, as the shop and the old services use it. */
export interface Charges {
  /** Where the bridge finds it: at Stripe, or in a table. */
  readonly stripe?: StripeAccess;
  readonly payments: Pick<Payments, "capture" | "cancel">;
  /** Authorises a card. Returns the authorisation's id, which a provider may choose itself. */
  authorise(wanted: string, amount: number, key: string): Promise<string>;
  /** The traffic as a shop would send it that knows the provider's ids. */
  prepare(lines: readonly SampleLine[]): Promise<readonly SampleLine[]>;
  /** What the shop still has to do for a message's charge when it publishes. */
  readonly onPublish: CardAuthoriser;
  states(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const Charge = z.object({ state: z.string() });

/** Charges as rows of a table of the legacy system. */
export function chargesInTable(documents: Documents, table: string): Charges {
  const payments = new DynamoDbPayments(documents, table);
  return {
    payments,
    async authorise(wanted, amount, key) {
      await payments.authorise(wanted, amount, key);
      return wanted;
    },
    prepare: async (lines) => lines,
    onPublish: payments,
    states: async () => (await scanTable(documents, table)).map((row) => Charge.parse(row).state),
    close: async () => undefined,
  };
}

const SECRET_KEY = "sk_test_of_the_demonstration";
/** The line with the provider's id in the place of its own, wherever it stands; as it is when nothing is to be paid. */
async function withIdOf(
  line: SampleLine,
  authorise: (amount: number, key: string) => Promise<string>,
): Promise<SampleLine> {
  const message = requestIdOf(line) === undefined ? undefined : readMessage(sampleText(line));
  if (message === undefined || !("payment" in message)) return line;
  const { authorisationId, amount } = message.payment;
  const id = await authorise(amount, authorisationId);
  return SampleLine.parse(JSON.parse(JSON.stringify(line).replaceAll(authorisationId, id)));
}

/** Charges at Stripe, as far as a local server keeps its rules: nobody is charged. Driven by Stripe's own client. */
export async function chargesAtStripe(): Promise<Charges> {
  const server = await startStripe({ secretKey: SECRET_KEY });
  const { hostname: host, port } = new URL(server.endpoint);
  const shop = new Stripe(SECRET_KEY, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
  const payments = new StripePayments(SECRET_KEY, { apiUrl: server.endpoint });
  const ids: string[] = [];
  const authorise = async (amount: number, idempotencyKey: string): Promise<string> => {
    const card = { payment_method: "pm_card_visa", payment_method_types: ["card"] };
    const params = { amount, currency: "eur", capture_method: "manual", confirm: true, ...card } as const;
    const { id } = await shop.paymentIntents.create(params, { idempotencyKey });
    ids.push(id);
    return id;
  };
  return {
    stripe: { secretKey: SECRET_KEY, apiUrl: server.endpoint },
    payments,
    authorise: (_, amount, key) => authorise(amount, key),
    async prepare(lines) {
      const prepared: SampleLine[] = [];
      for (const line of lines) prepared.push(await withIdOf(line, authorise));
      return prepared;
    },
    onPublish: { authorise: async () => undefined },
    states: () => Promise.all(ids.map(async (id) => (await payments.read(id))?.state ?? "unknown")),
    close: () => server.close(),
  };
}
