import { SendTaskSuccessCommand, type SFNClient, TaskDoesNotExist, TaskTimedOut } from "@aws-sdk/client-sfn";
import type { WaitingTasks } from "../ports.ts";

/** Tasks of Step Functions that wait for a token. */
export class SfnTasks implements WaitingTasks {
  readonly #client: SFNClient;

  constructor(client: SFNClient) {
    this.#client = client;
  }

  async succeed(taskToken: string, output: unknown): Promise<boolean> {
    try {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      return true;
    } catch (error) {
      if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return false;
      throw error;
    }
  }
}
