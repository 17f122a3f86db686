import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { BridgeError } from "../errors.ts";
import { type Evidence, evidenceOf } from "../evidence.ts";
import { ExecutionStatus } from "../fence.ts";
import type { ExecutionName } from "../ids.ts";
import type {
  ExecutionDescription,
  ExecutionReader,
  ExecutionSights,
  HistoryEntry,
  OrderStarter,
  StartResult,
} from "../ports.ts";
import { stepOf } from "./sfn-history.ts";

/** The most events of one answer: of an order of 40 items they reach back to its start, bar many retries. */
const PAGE = 1_000;

/** Milliseconds for one look at a history: it must not outlast the function, whose work is done by then. */
const EVIDENCE_WITHIN = 3_000;

/**
 * For plans: they wait for no throttling and for no slow answer, since the records beside them do (P1). It is the same
 * quota that live orders start by, and a plan that is throttled leaves it to them.
 */
export const hastyClient = (): SFNClient =>
  new SFNClient({
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
    maxAttempts: 1,
  });

/** Undefined where Step Functions does not know the execution. */
async function unlessUnknown<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** Order executions in Step Functions. Throttling is retried by the SDK, then by the queue. */
export class SfnOrders implements OrderStarter, ExecutionReader, ExecutionSights {
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
    return this.look(`${this.#stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`);
  }

  async look(executionArn: string): Promise<ExecutionDescription | undefined> {
    return unlessUnknown(this.describe(executionArn));
  }

  async history(executionArn: string, events: number): Promise<readonly HistoryEntry[] | undefined> {
    const answer = await unlessUnknown(
      this.#client.send(
        new GetExecutionHistoryCommand({
          ...{ executionArn, maxResults: events },
          ...{ reverseOrder: true, includeExecutionData: false },
        }),
      ),
    );
    return answer?.events?.reverse().map((event) => {
      const { id, type, state, error } = stepOf(event);
      return { id, type, state, error, at: event.timestamp?.getTime() ?? 0 };
    });
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
      notRedrivable: answer.redriveStatus === "NOT_REDRIVABLE" ? (answer.redriveStatusReason ?? "") : undefined,
      startedAt: answer.startDate.getTime(),
      stoppedAt: answer.stopDate?.getTime(),
      input: answer.input,
      output: answer.output,
      error: answer.error,
    };
  }

  async evidence(executionArn: string, events: number): Promise<Evidence | undefined> {
    const answer = await unlessUnknown(
      this.#client.send(
        new GetExecutionHistoryCommand({
          executionArn,
          maxResults: PAGE,
          reverseOrder: true,
          includeExecutionData: false,
        }),
        { abortSignal: AbortSignal.timeout(EVIDENCE_WITHIN) },
      ),
    );
    return answer && evidenceOf((answer.events ?? []).reverse().map(stepOf), events);
  }
}
