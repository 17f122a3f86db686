import { draw } from "@crossfade/legacy/reference";

const LOST = 0.02;
const REPEATED = 0.05;

/** EventBridge delivers at least once, and "in some rare cases" not at all: here often enough to be seen. */
export class UnreliableEvents {
  readonly #seed: number;
  #seen = 0;
  lost = 0;
  repeated = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  readonly onDeliver = (): "deliver" | "drop" | "twice" => {
    const drawn = draw(this.#seed, "status-event", String(this.#seen++));
    if (drawn < LOST) {
      this.lost++;
      return "drop";
    }
    if (drawn > 1 - REPEATED) {
      this.repeated++;
      return "twice";
    }
    return "deliver";
  };
}
