import type { ForwardMessage, LegacyForwarder } from "../ports.ts";

/** Sends each message to where its legacy consumer reads: a queue or a topic. */
export class Forwarders implements LegacyForwarder {
  readonly #queues: LegacyForwarder<"fifo" | "standard">;
  readonly #topics: LegacyForwarder<"topic">;

  constructor(queues: LegacyForwarder<"fifo" | "standard">, topics: LegacyForwarder<"topic">) {
    this.#queues = queues;
    this.#topics = topics;
  }

  send({ target, ...message }: ForwardMessage): Promise<void> {
    return target.kind === "topic"
      ? this.#topics.send({ ...message, target })
      : this.#queues.send({ ...message, target });
  }
}
