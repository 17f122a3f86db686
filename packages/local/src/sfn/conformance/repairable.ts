import type { FunctionHost } from "../../contract.ts";
import { unique } from "./harness.ts";

/** A function that fails until it is repaired, and remembers what it was called with. */
export class Repairable {
  readonly arn: string;
  readonly calls: unknown[] = [];
  #isBroken = true;

  constructor(functions: FunctionHost, answer: (event: unknown) => unknown = () => "repaired") {
    this.arn = functions.register(unique("repairable"), async (event) => {
      this.calls.push(event);
      if (this.#isBroken) throw new Error("broken");
      return answer(event);
    });
  }

  repair(): this {
    this.#isBroken = false;
    return this;
  }
}
