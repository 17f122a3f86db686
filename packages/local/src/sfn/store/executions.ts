import { randomUUID } from "node:crypto";
import type { Arns } from "../arns.ts";
import { executionDoesNotExist, executionNotRedrivable, SfnError } from "../errors.ts";
import { DATA_LIMIT_BYTES, exceedsDataLimit, isJsonText } from "../json.ts";
import { assertName } from "../names.ts";
import { Execution, type Status } from "./execution.ts";
import type { Machine, Machines } from "./machines.ts";
import { notRedrivable } from "./redrive.ts";

export interface ExecutionsPorts {
  readonly arns: Arns;
  readonly machines: Machines;
  readonly run: (execution: Execution) => void;
  readonly onChange: (execution: Execution) => void;
}

/** Every execution ever started here, and the rules of starting one. */
export class Executions {
  readonly #ports: ExecutionsPorts;
  readonly #byArn = new Map<string, Execution>();
  readonly #byMachine = new Map<string, Execution[]>();
  readonly #openByMachine = new Map<string, number>();
  #started = 0;

  constructor(ports: ExecutionsPorts) {
    this.#ports = ports;
  }

  /**
   * StartExecution: the same name and input while the first runs gives the first; a closed one, or another input,
   * gives ExecutionAlreadyExists. Also InvalidName, InvalidExecutionInput, StateMachineDoesNotExist.
   */
  start(machineArn: string, name: string = randomUUID(), input = "{}"): Execution {
    const machine = this.#ports.machines.get(machineArn);
    if (machine.deleting) throw new SfnError("StateMachineDeleting", `State machine is being deleted: '${machineArn}'`);
    assertName(name);
    assertInput(input);
    const arn = this.#ports.arns.execution(machine.name, name);
    const existing = this.#byArn.get(arn);
    if (existing === undefined) return this.#begin(machine, arn, name, input);
    if (existing.status === "RUNNING" && existing.input === input) return existing;
    throw new SfnError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
  }

  /**
   * RedriveExecution: gives the date of the redrive in epoch milliseconds. A token that has redriven the execution
   * gives that redrive's date, whatever has become of the execution. Throws ExecutionNotRedrivable.
   */
  redrive(arn: string, clientToken: string = randomUUID()): number {
    const execution = this.get(arn);
    const now = Date.now();
    const redriveDate = execution.redriveTokens.redriveDate(clientToken, now);
    if (redriveDate !== undefined) return redriveDate;
    const reason = notRedrivable(execution, now);
    if (reason !== undefined) throw executionNotRedrivable(arn, reason);
    execution.redriveTokens.add(clientToken, now);
    execution.redrive(now);
    this.#follow(execution);
    return now;
  }

  get(arn: string): Execution {
    const execution = this.#byArn.get(arn);
    if (execution === undefined) throw executionDoesNotExist(arn);
    return execution;
  }

  /** Newest first; of one status, or of all. */
  *of(machineArn: string, status?: Status): Generator<Execution> {
    const executions = this.#byMachine.get(machineArn) ?? [];
    for (let i = executions.length - 1; i >= 0; i--) {
      const execution = executions[i];
      if (execution !== undefined && (status ?? execution.status) === execution.status) yield execution;
    }
  }

  /** A machine goes when its last execution has ended (API reference, DeleteStateMachine). */
  deleteMachine(arn: string): void {
    this.#ports.machines.markDeleting(arn);
    this.#removeIfIdle(arn);
  }

  close(): void {
    for (const execution of this.#byArn.values()) if (execution.status === "RUNNING") execution.discard();
  }

  #begin(machine: Machine, arn: string, name: string, input: string): Execution {
    const position = ++this.#started;
    const machineIsDeleted = () => this.#ports.machines.isDeleted(machine);
    const { onChange } = this.#ports;
    const execution = new Execution({ arn, name, machine, input, position, machineIsDeleted, onChange });
    this.#byArn.set(arn, execution);
    const siblings = this.#byMachine.get(machine.arn);
    if (siblings === undefined) this.#byMachine.set(machine.arn, [execution]);
    else siblings.push(execution);
    execution.begin();
    this.#follow(execution);
    return execution;
  }

  /** Runs an execution that has begun, or was redriven, and sees to its machine when the run has ended. */
  #follow(execution: Execution): void {
    const { machine, ended } = execution;
    this.#count(machine.arn, 1);
    ended.then(() => {
      this.#count(machine.arn, -1);
      this.#removeIfIdle(machine.arn);
    });
    this.#ports.run(execution);
  }

  #count(arn: string, change: number): void {
    this.#openByMachine.set(arn, (this.#openByMachine.get(arn) ?? 0) + change);
  }

  #removeIfIdle(arn: string): void {
    if (this.#ports.machines.find(arn)?.deleting && !this.#openByMachine.get(arn)) {
      this.#ports.machines.remove(arn);
      this.#byMachine.delete(arn);
    }
  }
}

function assertInput(input: string): void {
  if (exceedsDataLimit(input)) {
    const detail = `'input' is larger than ${DATA_LIMIT_BYTES} bytes`;
    throw new SfnError("InvalidExecutionInput", `Invalid State Machine Execution Input: ${detail}`);
  }
  if (!isJsonText(input)) {
    throw new SfnError("InvalidExecutionInput", "Invalid State Machine Execution Input: 'input' is not valid JSON");
  }
}
