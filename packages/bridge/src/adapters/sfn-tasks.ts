import { SendTaskSuccessCommand, type SFNClient, TaskDoesNotExist, TaskTimedOut } from "@aws-sdk/client-sfn";
import type { TaskToken } from "../approval.ts";
import { BridgeError } from "../errors.ts";
import type { WaitingTasks } from "../ports.ts";

/** Tasks of Step Functions that wait for a token. */
export class SfnTasks implements WaitingTasks {
  readonly #client: SFNClient;

  constructor(client: SFNClient) {
    this.#client = client;
  }

  async succeed(taskToken: TaskToken, output: unknown): Promise<boolean> {
    try {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      return true;
    } catch (error) {
      if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return false;
      // Without its cause and message: AWS quotes a token that it does not understand.
      throw new BridgeError("DEPENDENCY_FAILED", "retry", "Step Functions did not take the answer", {
        details: { error: error instanceof Error ? error.name : "Unknown" },
      });
    }
  }
}
