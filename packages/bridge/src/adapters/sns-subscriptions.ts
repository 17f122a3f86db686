import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  NotFoundException,
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
  ): Promise<readonly Subscription[] | undefined> {
    const found: Subscription[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await unlessGone(this.#client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken })));
      if (answer === undefined) return undefined;
      for (const {
        SubscriptionArn: arn = "",
        Protocol: protocol = "",
        Endpoint: endpoint = "",
      } of answer.Subscriptions ?? []) {
        const meant = "arn" in wanted ? wanted.arn === arn : wanted.endpoint === endpoint;
        if (!meant || !arn.startsWith("arn:")) continue;
        // A list may name what has ended since.
        const attributes = await this.#attributes(arn);
        if (attributes !== undefined) found.push({ arn, protocol, endpoint, attributes });
      }
      NextToken = answer.NextToken;
    } while (NextToken !== undefined && NextToken !== "");
    return found;
  }

  async perform({ action, input }: SnsCall): Promise<void> {
    if (action === "Subscribe") await this.#client.send(new SubscribeCommand(input));
    else await unlessGone(this.#client.send(new UnsubscribeCommand(input)));
  }

  async #attributes(SubscriptionArn: string): Promise<Readonly<Record<string, string>> | undefined> {
    const answer = await unlessGone(this.#client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })));
    return answer && (answer.Attributes ?? {});
  }
}

async function unlessGone<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}
