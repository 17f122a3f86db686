const REMEMBERED = 10;
const VALID_MS = 15 * 60 * 1000;

/** The client tokens that redrove one execution (API reference, RedriveExecution "clientToken"). Dates in epoch ms. */
export class RedriveTokens {
  #used: readonly { readonly token: string; readonly redriveDate: number }[] = [];

  /** When this token redrove the execution, if that is still remembered. */
  redriveDate(token: string, now: number): number | undefined {
    const used = this.#used.find((each) => each.token === token);
    return used === undefined || now - used.redriveDate >= VALID_MS ? undefined : used.redriveDate;
  }

  add(token: string, redriveDate: number): void {
    const others = this.#used.filter((each) => each.token !== token);
    this.#used = [...others, { token, redriveDate }].slice(-REMEMBERED);
  }
}
