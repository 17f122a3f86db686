import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { BridgeError } from "../errors.ts";
import { ExecutionStatus } from "../fence.ts";
import type { ExecutionName } from "../ids.ts";
import type { ExecutionDescription, ExecutionReader, OrderStarter, StartResult } from "../ports.ts";

/** Order executions in Step Functions. Throttling is retried by the SDK, then by the queue. */
export class SfnOrders implements OrderStarter, ExecutionReader {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  async start(name: ExecutionName, input: string): Promise<StartResult> {
    try {
      await this.#client.send(new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input }));
      return { kind: "started" };
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return { kind: "exists" };
      throw error;
    }
  }

  async find(name: ExecutionName): Promise<ExecutionDescription | undefined> {
    try {
      return await this.describe(`${this.#stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`);
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  async describe(executionArn: string): Promise<ExecutionDescription> {
    const answer = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
    const status = ExecutionStatus.safeParse(answer.status);
    if (!status.success || answer.startDate === undefined || answer.input === undefined) {
      throw new BridgeError("DEPENDENCY_FAILED", "retry", "DescribeExecution gave no status or no input", {
        details: { executionArn, status: answer.status },
      });
    }
    return {
      executionArn,
      status: status.data,
      redriveCount: answer.redriveCount ?? 0,
      startedAt: answer.startDate.getTime(),
      stoppedAt: answer.stopDate?.getTime(),
      input: answer.input,
      output: answer.output,
      error: answer.error,
    };
  }

  async historyTail(executionArn: string, maxResults: number): Promise<readonly string[]> {
    const { events = [] } = await this.#client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults, reverseOrder: true, includeExecutionData: false }),
    );
    return events.reverse().map(lineOf);
  }
}

/** One event without its payload: causes may hold personal data. */
function lineOf(event: HistoryEvent): string {
  const name = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name;
  const error =
    event.executionFailedEventDetails?.error ??
    event.executionAbortedEventDetails?.error ??
    event.executionTimedOutEventDetails?.error ??
    event.lambdaFunctionFailedEventDetails?.error ??
    event.taskFailedEventDetails?.error ??
    event.activityFailedEventDetails?.error;
  return [event.id, event.type, name, error].filter((part) => part !== undefined).join(" ");
}
