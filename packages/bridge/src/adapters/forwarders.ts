import type { ForwardMessage, LegacyForwarder } from "../ports.ts";

/** Sends each message to where its legacy consumer is reached: a queue, a topic or a function. */
export class Forwarders implements LegacyForwarder {
  readonly #queues: LegacyForwarder<"fifo" | "standard">;
  readonly #topics: LegacyForwarder<"topic">;
  readonly #functions: LegacyForwarder<"lambda">;

  constructor(
    queues: LegacyForwarder<"fifo" | "standard">,
    topics: LegacyForwarder<"topic">,
    functions: LegacyForwarder<"lambda">,
  ) {
    this.#queues = queues;
    this.#topics = topics;
    this.#functions = functions;
  }

  send({ target, ...message }: ForwardMessage): Promise<void> {
    switch (target.kind) {
      case "topic":
        return this.#topics.send({ ...message, target });
      case "lambda":
        return this.#functions.send({ ...message, target });
      default:
        return this.#queues.send({ ...message, target });
    }
  }
}
