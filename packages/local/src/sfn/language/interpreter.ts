import { ExecutionError, StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { Context } from "./context.ts";

type States = StateMachineDefinition["States"];

interface Extra {
  /** What a Task state returns. */
  readonly result?: { readonly of: string; readonly value: Json };
  /** The values of the intrinsic functions that the template's fields point to. */
  readonly computed?: readonly Json[];
}

/**
 * The interpreter runs one state at a time: it does the data flow (paths, payload templates, intrinsic functions, choice
 * rules), while run/ does the control flow. Its own control flow has no heartbeat, no history ids, lets States.TaskFailed
 * match a timeout, and keeps starting Map items after an abort.
 */
export class Interpreted {
  readonly #machine: StateMachine;

  constructor(states: States, startAt: string) {
    // A Task without a limit would end after the interpreter's default of 60 s; none of ours waits inside it.
    this.#machine = new StateMachine({ StartAt: startAt, States: states }, { validationOptions: { noValidate: true } });
  }

  /** Throws StateFailure under the language's error name. */
  async run(value: Json, context: Context, extra: Extra = {}): Promise<Json> {
    const { result, computed } = extra;
    const overrides = result && { taskResourceLocalHandlers: { [result.of]: () => result.value } };
    const seen = { Context: context, Value: value, Computed: computed };
    const options = { context: seen, ...(overrides && { overrides }) };
    try {
      return await this.#machine.run(value, options).result;
    } catch (error) {
      throw toFailure(error);
    }
  }
}

function toFailure(error: unknown): StateFailure {
  const cause = error instanceof ExecutionError ? error.cause : error;
  if (!(cause instanceof Error)) return new StateFailure("States.Runtime", String(cause));
  // Anything but the language's own errors is a fault inside an intrinsic function: bad JSON, an unknown name.
  return new StateFailure(cause.name.startsWith("States.") ? cause.name : "States.IntrinsicFailure", cause.message);
}
