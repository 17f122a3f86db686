type Answer = "done" | "apart" | "refused";

/**
 * What somebody does when asked: answers, fails with an error of that name, `silent` never says anything, and `slow`
 * says that it is alive and no more. `apart` is done, with a large result.
 */
export type Deed = Answer | `throws ${string}` | "silent" | "slow";

/**
 * Who does what in one order, attempt by attempt; the last deed repeats, and whoever is not named does the work. Names:
 * a check's, `approval`, `finish`, `delegate`, a step of an Action (`do` where it has one only), or a service in whose
 * place a function stands.
 */
export type Script = Readonly<Record<string, readonly Deed[]>>;

export const REFUSAL = { Code: "REFUSED", Message: "no", Retryable: false };
export const OUTCOMES: Readonly<Record<Answer, unknown>> = {
  done: { status: "COMPLETED", effects: [{ command: "do" }], result: {} },
  apart: { status: "COMPLETED", effects: [], resultCheck: { sha256: "0", bytes: 1 } },
  refused: { status: "FAILED", Error: REFUSAL, effects: [] },
};

export const isAnswer = (deed: Deed): deed is Answer => deed in OUTCOMES;

/** The name of the error with which it fails. */
export const thrownBy = (deed: Deed): string | undefined => /^throws (.+)$/.exec(deed)?.[1];

export function throwIfTold(deed: Deed): void {
  const name = thrownBy(deed);
  if (name !== undefined) throw Object.assign(new Error("broken"), { name });
}
