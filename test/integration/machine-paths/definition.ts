import * as z from "zod";

/** What this suite reads of a definition; the rest is carried along as it is. */
const Catcher = z.looseObject({ ErrorEquals: z.array(z.string()), Next: z.string() });
const Retrier = z.looseObject({ ErrorEquals: z.array(z.string()), MaxAttempts: z.number().optional() });
const State = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  Next: z.string().optional(),
  TimeoutSeconds: z.number().optional(),
  HeartbeatSeconds: z.number().optional(),
  Retry: z.array(Retrier).optional(),
  Catch: z.array(Catcher).optional(),
  Choices: z.array(z.looseObject({ Next: z.string() })).optional(),
  Default: z.string().optional(),
  get ItemProcessor() {
    return Part.optional();
  },
  get Branches() {
    return z.array(Part).optional();
  },
});
const Part = z.looseObject({
  StartAt: z.string(),
  get States() {
    return z.record(z.string(), State);
  },
});
export const Definition = z.looseObject({ ...Part.shape, TimeoutSeconds: z.number() });
export type Definition = z.infer<typeof Definition>;
export type State = z.infer<typeof State>;
type Part = z.infer<typeof Part>;

/** Every state with its name, also inside Map and Parallel. */
export function* statesOf(part: Part): Generator<readonly [string, State]> {
  for (const [name, state] of Object.entries(part.States)) {
    yield [name, state];
    for (const inner of [state.ItemProcessor ?? [], state.Branches ?? []].flat()) yield* statesOf(inner);
  }
}

function changed<Any extends Part>(part: Any, change: (state: State) => State): Any {
  const States = Object.entries(part.States).map(([name, state]) => {
    const { ItemProcessor, Branches } = state;
    const whole = {
      ...state,
      ...(ItemProcessor && { ItemProcessor: changed(ItemProcessor, change) }),
      ...(Branches && { Branches: Branches.map((branch) => changed(branch, change)) }),
    };
    return [name, change(whole)] as const;
  });
  return { ...part, States: Object.fromEntries(States) };
}

/** Seconds in the place of minutes and days. Long enough for work that is not meant to be late, on a busy computer. */
const TIMEOUT_SECONDS = 3;
const HEARTBEAT_SECONDS = 1;
/** A nested execution may itself wait for a timeout, as its own goes on for less than the state that started it. */
const NESTED_SECONDS = 5;
const NESTED = /:states:startExecution/;

/**
 * The same machine in a hurry: real timeouts are minutes to days, and real retries go on as long. Every timeout is
 * seconds, and what is retried is retried once, after a second at most. Nothing else differs.
 */
export const hurried = (definition: Definition): Definition =>
  changed(definition, ({ TimeoutSeconds, HeartbeatSeconds, Retry, ...state }) => ({
    ...state,
    ...(TimeoutSeconds !== undefined && {
      TimeoutSeconds: NESTED.test(state.Resource ?? "") ? NESTED_SECONDS : TIMEOUT_SECONDS,
    }),
    ...(HeartbeatSeconds !== undefined && { HeartbeatSeconds: HEARTBEAT_SECONDS }),
    ...(Retry && {
      Retry: Retry.map(({ ErrorEquals, MaxAttempts }) => {
        const once = { IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1, JitterStrategy: "FULL" };
        return MaxAttempts === 0 ? { ErrorEquals, MaxAttempts } : { ErrorEquals, ...once };
      }),
    }),
  }));

/** The machine as it is, but for its own bound: one second. */
export const overdue = (definition: Definition): Definition => ({ ...definition, TimeoutSeconds: 1 });

const DIRECT = /^arn:aws:states:::((?!lambda:|states:)[^.]*)/;

/**
 * The hurried machine with a Lambda function in the place of each service that a state calls directly: the embedded
 * queues and tables, and DescribeExecution, cannot be told to hang or to fail.
 */
export const withStandIns = (definition: Definition, functionArn: string): Definition =>
  changed(hurried(definition), (state) => {
    const service = DIRECT.exec(state.Resource ?? "")?.[1];
    if (service === undefined) return state;
    const Payload = { service, "orderId.$": "$.orderId" };
    const Parameters = { FunctionName: functionArn, Payload };
    return { ...state, Resource: "arn:aws:states:::lambda:invoke", Parameters };
  });
