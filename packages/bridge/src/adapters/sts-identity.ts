import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Identity } from "../attach/ports.ts";

/** Who the operator's credentials are, and where the clients send their calls. */
export class StsIdentity implements Identity {
  readonly #client: STSClient;

  constructor(client: STSClient) {
    this.#client = client;
  }

  async accountId(): Promise<string> {
    return (await this.#client.send(new GetCallerIdentityCommand({}))).Account ?? "";
  }

  region(): Promise<string> {
    return this.#client.config.region();
  }
}
