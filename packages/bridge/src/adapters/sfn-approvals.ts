import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from "@aws-sdk/client-sfn";
import type { ApprovalAnswer, TaskToken, WaitEnd } from "../approval.ts";
import type { ExecutionName } from "../ids.ts";
import { ASK_FOR_APPROVAL } from "../machines/approval.ts";
import type { ApprovalTasks } from "../ports.ts";
import { SfnTasks } from "./sfn-tasks.ts";

/** The execution is over, however. */
const ENDS: ReadonlySet<string> = new Set([
  "ExecutionSucceeded",
  "ExecutionFailed",
  "ExecutionTimedOut",
  "ExecutionAborted",
]);

const isWait = (details: { readonly resource?: string | undefined } | undefined): boolean =>
  details?.resource === "sendMessage.waitForTaskToken";

/** How a wait stands after one more event of its execution's history. */
function after(seen: WaitEnd | "waiting", event: HistoryEvent): WaitEnd | "waiting" {
  if (isWait(event.taskScheduledEventDetails)) return "waiting";
  if (isWait(event.taskSucceededEventDetails)) return "answered";
  const left = event.stateExitedEventDetails?.name === ASK_FOR_APPROVAL || ENDS.has(event.type ?? "");
  return left && seen === "waiting" ? "expired" : seen;
}

/** Answers Order's wait for approval, and reads how it ended. */
export class SfnApprovals implements ApprovalTasks {
  readonly #client: SFNClient;
  readonly #orderArn: string;

  /** @param orderArn the ARN of the Order state machine. */
  constructor(client: SFNClient, orderArn: string) {
    this.#client = client;
    this.#orderArn = orderArn;
  }

  async answer(taskToken: TaskToken, answer: ApprovalAnswer): Promise<boolean> {
    return new SfnTasks(this.#client).succeed(taskToken, answer);
  }

  async waitEnd(name: ExecutionName): Promise<WaitEnd | "waiting"> {
    const executionArn = `${this.#orderArn.replace(":stateMachine:", ":execution:")}:${name}`;
    let end: WaitEnd | "waiting" = "waiting";
    let nextToken: string | undefined;
    do {
      const page = { executionArn, maxResults: 1000, includeExecutionData: false, ...(nextToken && { nextToken }) };
      const answer = await this.#client.send(new GetExecutionHistoryCommand(page));
      end = (answer.events ?? []).reduce(after, end);
      nextToken = answer.nextToken;
    } while (nextToken !== undefined);
    return end;
  }
}
