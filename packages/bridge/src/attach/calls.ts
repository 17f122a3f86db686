import type { RouteType } from "../ids.ts";
import type { MappingSettings } from "./mapping.ts";

/** A change at Lambda, as its API takes it. */
export type LambdaCall =
  | {
      readonly service: "lambda";
      readonly action: "CreateEventSourceMapping";
      readonly input: MappingSettings & {
        readonly FunctionName: string;
        readonly EventSourceArn: string;
        readonly Enabled: true;
      };
    }
  | {
      readonly service: "lambda";
      readonly action: "UpdateEventSourceMapping";
      readonly input: { readonly UUID: string; readonly Enabled: boolean };
    }
  | {
      readonly service: "lambda";
      readonly action: "DeleteEventSourceMapping";
      readonly input: { readonly UUID: string };
    };

/** A change at SNS, as its API takes it. */
export type SnsCall =
  | {
      readonly service: "sns";
      readonly action: "Subscribe";
      readonly input: {
        readonly TopicArn: string;
        readonly Protocol: string;
        readonly Endpoint: string;
        readonly Attributes: Readonly<Record<string, string>>;
        readonly ReturnSubscriptionArn: true;
      };
    }
  | { readonly service: "sns"; readonly action: "Unsubscribe"; readonly input: { readonly SubscriptionArn: string } };

/** A change of a route's rollout in the ledger, audited. */
export type LedgerCall =
  | {
      readonly service: "ledger";
      readonly action: "HoldRollout";
      /** `from`: where the route stands now; it comes back to legacy. `forced`: see Hold. */
      readonly input: { readonly route: RouteType; readonly from: string; readonly forced: boolean };
    }
  | {
      readonly service: "ledger";
      readonly action: "ReleaseRollout";
      /** Epoch milliseconds. */
      readonly input: { readonly route: RouteType; readonly legacyBefore: number };
    };

/**
 * What the sweep may do: it receives from the source queue, and of what it received it acknowledges what the ledger has
 * claimed (sent or started first, where that is missing), and gives back all else.
 */
export interface SweepCall {
  readonly service: "sqs";
  readonly action: "Sweep";
  readonly input: {
    readonly QueueUrl: string;
    /** Seconds for which a received message is hidden from the next receive. */
    readonly VisibilityTimeout: number;
  };
}

/** One call that changes something. What a plan prints is what is carried out. */
export type Call = LambdaCall | SnsCall | LedgerCall | SweepCall;
