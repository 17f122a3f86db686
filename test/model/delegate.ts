// Model C: one delegated action. A Lambda stores the task token and sends the work to the legacy queue; Step Functions
// retries it with a new token; observe sees the legacy row end and completes the token it finds.
import { type Model, Moves, replaced, without } from "./explore.ts";

export type DelegateCheck =
  | "TWICE legacy worker did the delegated work twice"
  | "P7 action FAILED, legacy worker did the work"
  | "HANG row ended, token never completed";

export interface DelegateRules {
  /** The token is stored before the work is sent. */
  readonly storeFirst: boolean;
  /** Storing never puts an older attempt over a newer one. */
  readonly newestToken: boolean;
  /** A mark after the send; an attempt that finds it does not send again. */
  readonly sendOnce: boolean;
  /** The forward queue deduplicates by request. */
  readonly fifo: boolean;
  /** A later attempt reads the row and does not send what has begun. */
  readonly rowCheck: boolean;
  /** After its last write the Lambda reads whether the outcome is there already. */
  readonly readAfterStore: boolean;
  /** The task's timeout is longer than the Lambda's. */
  readonly tokenOutlivesLambda: boolean;
  /** Once the intent to send is stored, the action waits on a new token instead of failing. */
  readonly neverFailSent: boolean;
}

export interface DelegateScenario {
  readonly attempts: number;
  readonly crashes: number;
  readonly timeouts: number;
  /** Stream records of the row that observe gets once more. */
  readonly repeatedRecords: number;
}

interface Lambda {
  readonly attempt: number;
  readonly next: "store" | "send" | "mark" | "read";
}

export interface DelegateState {
  readonly action: "waiting" | "succeeded" | "failed";
  readonly budget: DelegateScenario;
  readonly attempt: number;
  /** The current attempt is over and the next has not started. */
  readonly needsAttempt: boolean;
  readonly timedOutAttempt: number;
  readonly lambdas: readonly Lambda[];
  /** What the ledger holds: the attempt whose token is stored (0: none), and whether a send was meant, and marked. */
  readonly storedToken: number;
  readonly intent: boolean;
  readonly marked: boolean;
  readonly outcome: boolean;
  readonly everSent: boolean;
  readonly queued: number;
  readonly working: boolean;
  readonly effects: number;
  readonly rowEnded: boolean;
  readonly records: number;
  readonly observing: boolean;
}

type DelegateMoves = Moves<DelegateState, DelegateCheck>;

export function delegate(rules: DelegateRules, scenario: DelegateScenario): Model<DelegateState, DelegateCheck> {
  return {
    initial: {
      action: "waiting",
      budget: scenario,
      attempt: 0,
      needsAttempt: true,
      timedOutAttempt: 0,
      lambdas: [],
      storedToken: 0,
      intent: false,
      marked: false,
      outcome: false,
      everSent: false,
      queued: 0,
      working: false,
      effects: 0,
      rowEnded: false,
      records: 0,
      observing: false,
    },
    moves(state) {
      const moves: DelegateMoves = new Moves();
      taskMoves(rules, state, moves);
      lambdaMoves(rules, state, moves);
      legacyMoves(state, moves);
      observeMoves(state, moves);
      return moves.all;
    },
    key: (state) => JSON.stringify(state),
    brokenIn,
    brokenAtRest: ({ action, rowEnded, needsAttempt }) =>
      action === "waiting" && rowEnded && !needsAttempt ? ["HANG row ended, token never completed"] : [],
  };
}

const spend = (state: DelegateState, what: keyof DelegateScenario): DelegateState => ({
  ...state,
  budget: { ...state.budget, [what]: state.budget[what] - 1 },
});

/** Step Functions: a new attempt with a new token, and the token's timeout. */
function taskMoves(rules: DelegateRules, state: DelegateState, moves: DelegateMoves): void {
  if (state.action !== "waiting") return;
  if (state.needsAttempt) {
    const attempt = state.attempt + 1;
    const started: Lambda = { attempt, next: rules.storeFirst ? "store" : "send" };
    moves.step(`attempt ${attempt} starts`, {
      ...withLambdas(spend(state, "attempts"), [...state.lambdas, started]),
      attempt,
      needsAttempt: false,
    });
    return;
  }
  const lambdaAlive = state.lambdas.some(({ attempt }) => attempt === state.attempt);
  if (state.budget.timeouts > 0 && !(rules.tokenOutlivesLambda && lambdaAlive)) {
    const timedOut = { ...spend(state, "timeouts"), timedOutAttempt: state.attempt };
    moves.fault(`token ${state.attempt} times out`, attemptOver(rules, timedOut));
  }
}

function attemptOver(rules: DelegateRules, state: DelegateState): DelegateState {
  if (state.budget.attempts > 0) return { ...state, needsAttempt: true };
  if (!rules.neverFailSent || !state.intent) return { ...state, action: "failed" };
  return { ...state, needsAttempt: true, budget: { ...state.budget, attempts: 1 } };
}

function lambdaMoves(rules: DelegateRules, state: DelegateState, moves: DelegateMoves): void {
  state.lambdas.forEach((lambda, index) => {
    const label = `Lambda of attempt ${lambda.attempt}`;
    const goTo = (to: DelegateState, next: Lambda["next"] | "end") =>
      withLambdas(to, next === "end" ? without(to.lambdas, index) : replaced(to.lambdas, index, { ...lambda, next }));
    const last = rules.readAfterStore ? "read" : "end";
    const afterSend = rules.storeFirst ? last : "store";
    switch (lambda.next) {
      case "store":
        moves.step(
          `${label} stores its token`,
          goTo(storeToken(rules, state, lambda), rules.storeFirst ? "send" : last),
        );
        break;
      case "send":
        if (skipsSend(rules, state, lambda)) moves.step(`${label} does not send again`, goTo(state, afterSend));
        else moves.step(`${label} sends`, goTo(send(rules, state), rules.sendOnce ? "mark" : afterSend));
        break;
      case "mark":
        moves.step(`${label} marks the send`, goTo({ ...state, marked: true }, afterSend));
        break;
      case "read": {
        const completes = state.outcome && state.action === "waiting" && state.attempt === lambda.attempt;
        moves.step(`${label} reads the outcome`, goTo(completes ? { ...state, action: "succeeded" } : state, "end"));
      }
    }
    if (state.budget.crashes > 0) {
      const died = goTo(spend(state, "crashes"), "end");
      const current = state.attempt === lambda.attempt && state.action === "waiting";
      moves.fault(`${label} dies before ${lambda.next}`, current ? attemptOver(rules, died) : died);
    }
  });
}

const withLambdas = (state: DelegateState, lambdas: readonly Lambda[]): DelegateState => ({
  ...state,
  lambdas: [...lambdas].sort((a, b) => a.attempt - b.attempt),
});

function storeToken(rules: DelegateRules, state: DelegateState, { attempt }: Lambda): DelegateState {
  const keepsNewer = rules.newestToken && state.storedToken > attempt;
  return { ...state, storedToken: keepsNewer ? state.storedToken : attempt, intent: true };
}

function skipsSend(rules: DelegateRules, state: DelegateState, { attempt }: Lambda): boolean {
  const rowMoved = rules.rowCheck && attempt > 1 && (state.rowEnded || state.working);
  return rules.sendOnce && (state.marked || rowMoved);
}

function send(rules: DelegateRules, state: DelegateState): DelegateState {
  const deduplicated = rules.fifo && state.everSent;
  return { ...state, queued: deduplicated ? state.queued : state.queued + 1, everSent: rules.fifo };
}

function legacyMoves(state: DelegateState, moves: DelegateMoves): void {
  if (state.working) {
    const ended = { ...state, working: false, rowEnded: true, records: state.records + 1 };
    moves.step("legacy worker ends, row COMPLETED", ended);
  } else if (state.queued > 0) {
    const begun = { ...state, queued: state.queued - 1, working: true, effects: state.effects + 1 };
    moves.step("legacy worker begins", begun);
  }
}

/** Observe writes the outcome before it reads the token. */
function observeMoves(state: DelegateState, moves: DelegateMoves): void {
  if (state.observing) {
    const { storedToken, attempt, timedOutAttempt } = state;
    const live = storedToken > 0 && storedToken === attempt && !state.needsAttempt && timedOutAttempt !== attempt;
    const done: DelegateState = { ...state, observing: false };
    const completes = live && state.action === "waiting";
    moves.step(`observe completes token ${storedToken}`, completes ? { ...done, action: "succeeded" } : done);
  } else if (state.records > 0) {
    const observing: DelegateState = { ...state, outcome: true, observing: true };
    moves.step("observe records the outcome", { ...observing, records: state.records - 1 });
    if (state.budget.repeatedRecords > 0) {
      moves.fault("observe records the outcome, the record repeats", spend(observing, "repeatedRecords"));
    }
  }
}

function brokenIn(state: DelegateState): DelegateCheck[] {
  const broken: DelegateCheck[] = [];
  if (state.effects > 1) broken.push("TWICE legacy worker did the delegated work twice");
  if (state.action === "failed" && state.effects > 0) broken.push("P7 action FAILED, legacy worker did the work");
  return broken;
}
