import { isDeepStrictEqual } from "node:util";
import type { Arns } from "../arns.ts";
import { machineDoesNotExist, SfnError } from "../errors.ts";
import type { CompiledMachine } from "../language/compile.ts";
import { assertName } from "../names.ts";

/** What Create and Update set. Logging and tracing are kept and described; they change nothing here. */
export interface MachineSettings {
  readonly definition: string;
  readonly program: CompiledMachine;
  readonly roleArn: string;
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
}

export interface Machine extends MachineSettings {
  readonly arn: string;
  readonly name: string;
  readonly creationDate: number;
  readonly position: number;
  readonly revisionId: string | undefined;
  readonly deleting: boolean;
}

/** The state machines, by ARN. An entry is replaced on update, so that executions keep the one they started with. */
export class Machines {
  readonly #arns: Arns;
  readonly #machines = new Map<string, Machine>();
  #created = 0;

  constructor(arns: Arns) {
    this.#arns = arns;
  }

  /** Idempotent for the same name and settings; the role does not count (API reference, CreateStateMachine). */
  create(name: string, settings: MachineSettings): Machine {
    assertName(name);
    const arn = this.#arns.machine(name);
    const existing = this.#machines.get(arn);
    if (existing === undefined) {
      const position = ++this.#created;
      const created = { ...settings, arn, name, position, creationDate: Date.now(), revisionId: undefined };
      const machine: Machine = { ...created, deleting: false };
      this.#machines.set(arn, machine);
      return machine;
    }
    if (existing.deleting) throw new SfnError("StateMachineDeleting", `State machine is being deleted: '${arn}'`);
    if (!sameSettings(existing, settings)) {
      throw new SfnError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
    }
    return existing;
  }

  update(arn: string, changes: Partial<MachineSettings>, revisionId: string): void {
    const machine = this.get(arn);
    if (machine.deleting) throw new SfnError("StateMachineDeleting", `State machine is being deleted: '${arn}'`);
    this.#machines.set(arn, { ...machine, ...changes, revisionId });
  }

  markDeleting(arn: string): void {
    const machine = this.#machines.get(arn);
    if (machine !== undefined) this.#machines.set(arn, { ...machine, deleting: true });
  }

  /** Whether this machine, and no later one of its name, is deleted or on its way. */
  isDeleted({ arn, position }: Machine): boolean {
    const machine = this.#machines.get(arn);
    return machine === undefined || machine.position !== position || machine.deleting;
  }

  remove(arn: string): void {
    this.#machines.delete(arn);
  }

  find(arn: string): Machine | undefined {
    return this.#machines.get(arn);
  }

  get(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine === undefined) throw machineDoesNotExist(arn);
    return machine;
  }

  all(): Iterable<Machine> {
    return this.#machines.values();
  }
}

function sameSettings(existing: Machine, settings: MachineSettings): boolean {
  return (
    existing.definition === settings.definition &&
    isDeepStrictEqual(existing.loggingConfiguration, settings.loggingConfiguration) &&
    isDeepStrictEqual(existing.tracingConfiguration, settings.tracingConfiguration)
  );
}
