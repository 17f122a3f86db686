import { createServer } from "node:http";
import type { RunningServer } from "../contract.ts";
import { listen } from "../listen.ts";
import type { ApiRequest } from "./api.ts";
import { type Fault, Faults, type Held, type RequestKind } from "./faults.ts";
import { readRequest, respond } from "./http.ts";
import { IdempotencyKeys } from "./idempotency.ts";
import { type IntentStatus, type PaymentIntent, PaymentIntents } from "./intents.ts";

export type { Fault } from "./faults.ts";
export type { IntentStatus, PaymentIntent } from "./intents.ts";

export interface StripeServerOptions {
  readonly port?: number;
  /** The one secret key that is let in. */
  readonly secretKey: string;
  /** Epoch milliseconds; the system's clock unless given. */
  readonly now?: () => number;
}

export interface StripeServer extends RunningServer {
  /** Lets the next requests of a kind go wrong, one fault each. */
  fail(kind: RequestKind, ...faults: readonly Fault[]): void;
  /** Forgets the faults that nobody met. */
  heal(): void;
  /** Lets the next write wait in the middle of its work. */
  hold(): Held;
  expire(id: string): void;
  become(id: string, status: IntentStatus): void;
  intent(id: string): PaymentIntent;
  /** Every time that money was taken or given back, as `capture <id> <sum>` or `cancel <id>`. */
  effects(): readonly string[];
  requests(): readonly ApiRequest[];
}

/**
 * Stripe's PaymentIntents, as far as a bridge needs them, in memory, over HTTP: create, read, capture, cancel, with
 * Stripe's idempotency. Everything it does not do it refuses by name. It charges nobody. Listens on 127.0.0.1; port 0,
 * the default, takes any free one.
 */
export async function startStripe(options: StripeServerOptions): Promise<StripeServer> {
  const now = options.now ?? Date.now;
  const intents = new PaymentIntents(now);
  const faults = new Faults();
  const deps = { secretKey: options.secretKey, intents, keys: new IdempotencyKeys(now), faults };
  const requests: ApiRequest[] = [];
  const server = createServer((incoming, response) => {
    readRequest(incoming)
      .then((request) => {
        requests.push(request);
        return respond(deps, request, incoming.headers["content-type"], response);
      })
      .catch(() => response.destroy()); // the client went away
  });
  const running = await listen(server, options.port ?? 0);
  return {
    ...running,
    fail: (kind, ...more) => faults.add(kind, ...more),
    heal: () => faults.clear(),
    hold: () => faults.hold(),
    expire: (id) => intents.expire(id),
    become: (id, status) => intents.become(id, status),
    intent: (id) => intents.read(id),
    effects: () => intents.effects,
    requests: () => requests,
  };
}
