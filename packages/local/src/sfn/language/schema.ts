import * as z from "zod";

/**
 * The part of the Amazon States Language that this server runs: JSONPath, inline Map. Objects are strict, so that a
 * field we do not know is refused by name instead of being ignored.
 */
const seconds = z.int().min(1).max(99_999_999);
const path = z.string();
const nullablePath = z.string().nullable();
const template = z.json();

const common = { Comment: z.string().optional(), QueryLanguage: z.literal("JSONPath").optional() };
const inputOutput = { InputPath: nullablePath.optional(), OutputPath: nullablePath.optional() };
const transition = { Next: z.string().optional(), End: z.boolean().optional() };
const result = { ResultSelector: template.optional(), ResultPath: nullablePath.optional() };

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: seconds.default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).default("NONE"),
});

const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ResultPath: nullablePath.optional(),
});

const recovery = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const task = z.strictObject({
  Type: z.literal("Task"),
  ...common,
  ...inputOutput,
  ...transition,
  ...result,
  ...recovery,
  Resource: z.string(),
  Parameters: template.optional(),
  TimeoutSeconds: seconds.optional(),
  TimeoutSecondsPath: path.optional(),
  HeartbeatSeconds: seconds.optional(),
  HeartbeatSecondsPath: path.optional(),
});

const pass = z.strictObject({
  Type: z.literal("Pass"),
  ...common,
  ...inputOutput,
  ...transition,
  ResultPath: nullablePath.optional(),
  Result: template.optional(),
  Parameters: template.optional(),
});

const wait = z.strictObject({
  Type: z.literal("Wait"),
  ...common,
  ...inputOutput,
  ...transition,
  Seconds: z.int().min(0).max(99_999_999).optional(),
  SecondsPath: path.optional(),
  Timestamp: z.string().optional(),
  TimestampPath: path.optional(),
});

const succeed = z.strictObject({ Type: z.literal("Succeed"), ...common, ...inputOutput });

const fail = z.strictObject({
  Type: z.literal("Fail"),
  ...common,
  Error: z.string().optional(),
  ErrorPath: path.optional(),
  Cause: z.string().optional(),
  CausePath: path.optional(),
});

const choice = z.strictObject({
  Type: z.literal("Choice"),
  ...common,
  ...inputOutput,
  Choices: z.array(z.looseObject({ Next: z.string() })).min(1),
  Default: z.string().optional(),
});

const parallel = z.strictObject({
  Type: z.literal("Parallel"),
  ...common,
  ...inputOutput,
  ...transition,
  ...result,
  ...recovery,
  Parameters: template.optional(),
  get Branches() {
    return z.array(branch).min(1);
  },
});

const map = z.strictObject({
  Type: z.literal("Map"),
  ...common,
  ...inputOutput,
  ...transition,
  ...result,
  ...recovery,
  ItemsPath: path.optional(),
  ItemSelector: template.optional(),
  Parameters: template.optional(),
  MaxConcurrency: z.int().min(0).optional(),
  MaxConcurrencyPath: path.optional(),
  get ItemProcessor() {
    return processor.optional();
  },
  get Iterator() {
    return branch.optional();
  },
});

const state = z.discriminatedUnion("Type", [task, pass, wait, succeed, fail, choice, parallel, map]);

const branch = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal("JSONPath").optional(),
  StartAt: z.string(),
  get States() {
    return z.record(z.string(), state);
  },
});

const processor = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal("JSONPath").optional(),
  StartAt: z.string(),
  get States() {
    return z.record(z.string(), state);
  },
  ProcessorConfig: z.strictObject({ Mode: z.literal("INLINE").optional() }).optional(),
});

export const Definition = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal("JSONPath").optional(),
  StartAt: z.string(),
  States: z.record(z.string(), state),
  Version: z.literal("1.0").optional(),
  TimeoutSeconds: seconds.optional(),
});

export type Definition = z.infer<typeof Definition>;
export type Branch = z.infer<typeof branch>;
export type State = z.infer<typeof state>;
export type StateOf<T extends State["Type"]> = Extract<State, { Type: T }>;
export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
