import type { Writable } from "node:stream";
import pc from "picocolors";
import { readLedger } from "./reading.ts";
import type { World } from "./world.ts";

/** Milliseconds between two looks at the ledger. */
const EVERY = 1_000;

/** Live progress: on a terminal one line that is written anew, elsewhere a line every few seconds. */
export class Progress {
  readonly #out: Writable & { readonly isTTY?: boolean };
  readonly #colours: ReturnType<typeof pc.createColors>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #phase = "";
  #sent = 0;
  #looks = 0;

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
    this.#colours = pc.createColors(out.isTTY === true && process.env["NO_COLOR"] === undefined);
  }

  say(text: string): void {
    this.#out.write(`${this.#clear()}${text}\n`);
  }

  phase(text: string): void {
    this.#phase = text;
    this.say(this.#colours.bold(text));
  }

  sent(): void {
    this.#sent++;
  }

  watch(world: World): void {
    const look = async () => {
      const { claims } = await readLedger(world);
      const of = (path: string) => claims.filter((claim) => claim.path === path);
      const ended = (path: string) => of(path).filter((claim) => claim.endedAt !== undefined).length;
      const inFlight = claims.filter((claim) => claim.endedAt === undefined).length;
      const mirrored = of("order").filter((claim) => claim.mirrored !== undefined).length;
      const c = this.#colours;
      const line = [
        `${this.#phase}: sent ${this.#sent}`,
        c.yellow(`legacy ${ended("legacy")}/${of("legacy").length}`),
        c.green(`order ${ended("order")}/${of("order").length}`),
        `in flight ${inFlight}`,
        `mirrored ${mirrored}`,
      ].join("   ");
      if (this.#stopped) return;
      if (this.#out.isTTY) this.#out.write(`${this.#clear()}${line}`);
      else if (this.#looks++ % 5 === 0) this.#out.write(`${line}\n`);
    };
    const again = () => {
      // A look may have been under way when it was stopped.
      if (this.#stopped) return;
      this.#timer = setTimeout(
        () =>
          void look()
            .catch(() => undefined)
            .then(again),
        EVERY,
      );
    };
    again();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#out.write(this.#clear());
  }

  #clear(): string {
    return this.#out.isTTY ? "\r\u001b[2K" : "";
  }
}
