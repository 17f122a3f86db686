import {
  ExecutionNotRedrivable,
  type ExecutionStatus,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { ExecutionName, type OrderId } from "../ids.ts";
import type { OrderRedriver } from "../ports.ts";

const UNSUCCESSFUL: readonly ExecutionStatus[] = ["FAILED", "TIMED_OUT", "ABORTED"];

/** Of 1,000 executions each, for each status. */
const PAGES = 20;

/** Redrives of Order executions in Step Functions. */
export class SfnRedriver implements OrderRedriver {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  /** The order's id ends its execution's name (N9). */
  async unsuccessful(orderId: OrderId): Promise<ExecutionName | undefined> {
    for (const statusFilter of UNSUCCESSFUL) {
      let nextToken: string | undefined;
      for (let page = 0; page < PAGES; page++) {
        const request = { stateMachineArn: this.#stateMachineArn, statusFilter, maxResults: 1_000, nextToken };
        const { executions = [], nextToken: next } = await this.#client.send(new ListExecutionsCommand(request));
        const found = executions.find(({ name }) => name?.endsWith(`-${orderId}`));
        if (found !== undefined) return ExecutionName.parse(found.name);
        if (next === undefined) break;
        nextToken = next;
      }
    }
    return undefined;
  }

  async redrive(executionArn: string, clientToken: string): Promise<boolean> {
    try {
      await this.#client.send(new RedriveExecutionCommand({ executionArn, clientToken }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionNotRedrivable) return false;
      throw error;
    }
  }
}
