import type { ApprovalDeps, IngestDeps } from "@crossfade/bridge";

/** What a process says that is no more; nobody hears it. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/**
 * A process that crashes at its n-th call of a port: before the call, or after the call took effect and before its
 * answer came. Whatever it would do afterwards, even to tidy up, does not happen.
 */
export class Life {
  readonly #crashAt: number;
  readonly #when: "before" | "after";
  #calls = 0;
  /** The call at which it crashed; undefined while it lives. */
  crashedAt: string | undefined;

  constructor(crashAt: number, when: "before" | "after") {
    this.#crashAt = crashAt;
    this.#when = when;
  }

  async #call(name: string, run: () => unknown): Promise<unknown> {
    if (this.crashedAt !== undefined) throw new Crash(name);
    this.#calls++;
    if (this.#calls !== this.#crashAt) return run();
    this.crashedAt = name;
    if (this.#when === "after") await run();
    throw new Crash(name);
  }

  /** The port, as this process calls it. */
  #port<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => this.#call(String(name), () => Reflect.apply(member, target, given));
      },
    });
  }

  /** The same ports, as this process calls them. */
  wrap<Ports extends Record<string, object>>(ports: Ports): Ports {
    return new Proxy(ports, {
      get: (target, name) => {
        const port: unknown = Reflect.get(target, name);
        return typeof port === "object" && port !== null ? this.#port(port) : port;
      },
    });
  }

  approvalDeps(deps: ApprovalDeps): ApprovalDeps {
    return { ...deps, approvals: this.#port(deps.approvals), tasks: this.#port(deps.tasks) };
  }

  ingestDeps(deps: IngestDeps): IngestDeps {
    const { ledger, orders, payloads, forwarder, quarantine, rejections, redelivery, tracking } = deps;
    return {
      ...deps,
      ledger: this.#port(ledger),
      orders: this.#port(orders),
      payloads: this.#port(payloads),
      forwarder: this.#port(forwarder),
      quarantine: this.#port(quarantine),
      rejections: this.#port(rejections),
      redelivery: this.#port(redelivery),
      tracking: this.#port(tracking),
    };
  }
}
