import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  type SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import type { SnsCall } from "../attach/calls.ts";
import type { Subscriptions } from "../attach/ports.ts";
import type { Subscription } from "../attach/seen.ts";

/** Subscriptions at SNS; one that is not confirmed delivers nothing, and is none. */
export class SnsSubscriptions implements Subscriptions {
  readonly #client: SNSClient;

  constructor(client: SNSClient) {
    this.#client = client;
  }

  async find(
    TopicArn: string,
    wanted: { readonly endpoint: string } | { readonly arn: string },
  ): Promise<readonly Subscription[]> {
    const found: Subscription[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await this.#client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
      for (const {
        SubscriptionArn: arn = "",
        Protocol: protocol = "",
        Endpoint: endpoint = "",
      } of answer.Subscriptions ?? []) {
        const meant = "arn" in wanted ? wanted.arn === arn : wanted.endpoint === endpoint;
        if (!meant || !arn.startsWith("arn:")) continue;
        found.push({ arn, protocol, endpoint, attributes: await this.#attributes(arn) });
      }
      NextToken = answer.NextToken;
    } while (NextToken !== undefined && NextToken !== "");
    return found;
  }

  async perform({ action, input }: SnsCall): Promise<void> {
    if (action === "Subscribe") await this.#client.send(new SubscribeCommand(input));
    else await this.#client.send(new UnsubscribeCommand(input));
  }

  async #attributes(SubscriptionArn: string): Promise<Readonly<Record<string, string>>> {
    const { Attributes = {} } = await this.#client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return Attributes;
  }
}
