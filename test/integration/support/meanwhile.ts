/** Ports before whose n-th call something else happens, once: one interleaving of two processes. */
export class Meanwhile {
  readonly #at: number;
  readonly #other: () => Promise<unknown>;
  #calls = 0;

  constructor(at: number, other: () => Promise<unknown>) {
    this.#at = at;
    this.#other = other;
  }

  /** False once a process made fewer calls. */
  get happened(): boolean {
    return this.#calls >= this.#at;
  }

  #port<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]) => {
          this.#calls++;
          if (this.#calls === this.#at) await this.#other();
          return Reflect.apply(member, target, given);
        };
      },
    });
  }

  /** The ports named, as that process calls them; the others as they are. */
  wrap<Ports extends object>(ports: Ports, names: readonly (keyof Ports)[]): Ports {
    return new Proxy(ports, {
      get: (target, name) => {
        const port: unknown = Reflect.get(target, name);
        return names.some((each) => each === name) && typeof port === "object" && port !== null
          ? this.#port(port)
          : port;
      },
    });
  }
}
