import { DEFAULT_REGION, type EventSink, type RunningServer } from "../contract.ts";
import { Delivery, type DeliveryFault, type FailedDelivery } from "./delivery.ts";
import { serve } from "./http.ts";
import { putEventsAction } from "./put-events.ts";
import { ruleActions } from "./rule-actions.ts";
import { Rules } from "./rules.ts";
import { targetActions } from "./target-actions.ts";

export interface EventBridgeOptions {
  readonly port?: number;
  readonly region?: string;
  readonly sqsEndpoint: string;
  /** Loses or repeats events, as a test wishes. */
  readonly onDeliver?: DeliveryFault;
}

export interface EventBridge extends RunningServer, EventSink {
  /** Resolves when no event is on its way to a target or a dead-letter queue. */
  settled(): Promise<void>;
  /** The events that reached neither, oldest first. */
  failures(): readonly FailedDelivery[];
}

/**
 * EventBridge's default bus for one account and region, in memory, over HTTP, with SQS queues as targets. Everything it
 * does not do it refuses with "not supported by the local cloud: X". Listens on 127.0.0.1; port 0, the default, takes
 * any free one. Closing it gives up the events that are still on their way.
 */
export async function startEventBridge(options: EventBridgeOptions): Promise<EventBridge> {
  const { port = 0, region = DEFAULT_REGION, sqsEndpoint, onDeliver } = options;
  const rules = new Rules();
  const delivery = new Delivery({ rules, region, sqsEndpoint, onDeliver });
  const actions = {
    ...ruleActions(rules, region),
    ...targetActions(rules, region),
    ...putEventsAction(delivery, region),
  };
  const server = await serve(actions, port);
  return {
    endpoint: server.endpoint,
    publish: (event) => delivery.publish(event),
    settled: () => delivery.settled(),
    failures: () => delivery.failures(),
    async close() {
      await server.close();
      await delivery.close();
    },
  };
}
