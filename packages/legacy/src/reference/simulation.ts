import { setTimeout as pause } from "node:timers/promises";
import type { RefusalCode } from "../commands.ts";
import type { FindAnswer, FindRequest, SendAnswer, SendRequest } from "../service-protocol.ts";
import { draw } from "./draw.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** How a simulated service misbehaves. Rates are 0 to 1, times milliseconds; what happens follows from the seed. */
export interface Misbehaviour {
  readonly seed: number;
  /** Every command takes this long; the others wait. */
  readonly latencyMs: number;
  /** Answers "unavailable" before doing anything. */
  readonly unavailableRate: number;
  readonly slowRate: number;
  readonly slowMs: number;
  /** Does the command, and keeps its answer to itself for `stallMs`; the next command does not wait. */
  readonly stallRate: number;
  readonly stallMs: number;
}

/** What the services remember of a command. `at` is epoch milliseconds; `session` tells a client's sessions apart. */
export interface ReceivedCommand {
  readonly commandId: string;
  readonly clientId: string;
  readonly session: string;
  readonly requestId: string;
  readonly command: string;
  readonly domain: string;
  readonly at: number;
  readonly outcome: "done" | "refused" | "unavailable" | "SESSION_CLOSED" | "OUT_OF_ORDER";
}

/** How a command ends once it is worked. */
export type Performed =
  | { readonly status: "done"; readonly result: object }
  | { readonly status: "refused"; readonly code: RefusalCode; readonly message: string };

export interface CommandHead {
  readonly requestId: string;
  readonly command: string;
  readonly domain: string;
}

interface Session {
  readonly clientId: string;
  closed: boolean;
  sequence: number;
}

/**
 * The inside of a simulated service: sessions, one command at a time in order of arrival, and a memory of everything.
 * It has no idea of idempotency: a command that comes twice is performed and remembered twice.
 */
export class Simulation<Command extends CommandHead> {
  readonly #misbehaviour: Misbehaviour;
  readonly #perform: (command: Command) => Performed;
  readonly #inTurn = oneAtATime();
  readonly #sessions = new Map<string, Session>();
  readonly #received: ReceivedCommand[] = [];
  readonly #ends = new Map<string, Performed>();
  readonly #attempts = new Map<string, number>();

  constructor(misbehaviour: Misbehaviour, perform: (command: Command) => Performed) {
    this.#misbehaviour = misbehaviour;
    this.#perform = perform;
  }

  get received(): readonly ReceivedCommand[] {
    return this.#received;
  }

  login(clientId: string): string {
    for (const session of this.#sessions.values()) if (session.clientId === clientId) session.closed = true;
    const name = `${clientId}-${this.#sessions.size + 1}`;
    this.#sessions.set(name, { clientId, closed: false, sequence: 0 });
    return name;
  }

  async send({ commandId, session, sequence }: SendRequest, command: Command): Promise<SendAnswer> {
    const rejection = this.#arrive(session, sequence);
    const { answer, stall } = await this.#inTurn(async () => this.#work(commandId, session, command, rejection));
    if (stall) await pause(this.#misbehaviour.stallMs, undefined, { ref: false });
    return answer;
  }

  async find({ commandId, session, sequence }: FindRequest): Promise<FindAnswer> {
    const rejection = this.#arrive(session, sequence);
    return this.#inTurn(async () => {
      const refused = rejection ?? this.#closed(session);
      if (refused !== undefined) return rejected(refused);
      return this.#ends.get(commandId) ?? { status: "unknown" };
    });
  }

  #closed(name: string): "SESSION_CLOSED" | undefined {
    return this.#sessions.get(name)?.closed === false ? undefined : "SESSION_CLOSED";
  }

  /** Sequence numbers are looked at on arrival, before the request waits for its turn. */
  #arrive(name: string, sequence: number): "SESSION_CLOSED" | "OUT_OF_ORDER" | undefined {
    const session = this.#sessions.get(name);
    if (session === undefined || session.closed) return "SESSION_CLOSED";
    if (sequence <= session.sequence) return "OUT_OF_ORDER";
    session.sequence = sequence;
    return undefined;
  }

  async #work(
    commandId: string,
    session: string,
    command: Command,
    rejection: "SESSION_CLOSED" | "OUT_OF_ORDER" | undefined,
  ): Promise<{ answer: SendAnswer; stall: boolean }> {
    const { requestId, domain } = command;
    const clientId = this.#sessions.get(session)?.clientId ?? "unknown";
    const remember = (outcome: ReceivedCommand["outcome"]) =>
      this.#received.push({
        ...{ commandId, clientId, session, requestId, command: command.command, domain },
        at: Date.now(),
        outcome,
      });
    const refused = rejection ?? this.#closed(session);
    if (refused !== undefined) {
      remember(refused);
      return { answer: rejected(refused), stall: false };
    }
    const { seed, latencyMs, unavailableRate, slowRate, slowMs, stallRate } = this.#misbehaviour;
    const attempt = (this.#attempts.get(requestId) ?? 0) + 1;
    this.#attempts.set(requestId, attempt);
    const happens = (rate: number, what: string) => draw(seed, what, requestId, attempt) < rate;
    if (happens(unavailableRate, "unavailable")) {
      remember("unavailable");
      return { answer: { status: "unavailable", message: "the service is down for a moment" }, stall: false };
    }
    await pause(latencyMs + (happens(slowRate, "slow") ? slowMs : 0));
    const performed = this.#perform(command);
    this.#ends.set(commandId, performed);
    remember(performed.status);
    return { answer: performed, stall: happens(stallRate, "stall") };
  }
}

const rejected = (code: "SESSION_CLOSED" | "OUT_OF_ORDER") => ({
  status: "rejected" as const,
  code,
  message: code === "SESSION_CLOSED" ? "the session is closed" : "a later request of this session came first",
});
