import type { Deployed, DeployedSource } from "../deployment/deployed.ts";
import type { Rollout } from "../rollout.ts";
import type { Mapping } from "./mapping.ts";

/** A queue as SQS tells it. The counts are approximate, and settle within a minute of the last change. */
export interface QueueSight {
  readonly arn: string;
  readonly visibilitySeconds: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** The maxReceiveCount of its redrive policy; undefined where it has none. */
  readonly mostReceives?: number | undefined;
}

export const depthOf = ({ visible, inFlight, delayed }: QueueSight): number => visible + inFlight + delayed;

/** Where a route stands, as a plan says it. */
export const standOf = ({ stage, percentage }: Pick<Rollout, "stage" | "percentage">): string =>
  `${stage} ${percentage} %`;

export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One source of a deployment, and what its steps must know of the rest. */
export interface Place {
  readonly name: string;
  readonly source: DeployedSource;
  readonly deployed: Pick<Deployed, "accountId" | "region" | "ingestFunction" | "ingestTimeoutSeconds">;
  /** Milliseconds: the largest age of a rollout in ingest's cache. */
  readonly rolloutAgeMs: number;
  /** Milliseconds until SQS's counts tell of the last change, and until nothing comes by a subscription that has ended. */
  readonly settleMs: number;
}

/** All that the steps of a source look at, of one moment. What a kind of source does not have is undefined. */
export interface Seen {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly rollouts: readonly Rollout[];
  /** Requests of the routes that are claimed for the order path and have not ended. */
  readonly ordersInFlight: number;
  readonly intake: QueueSight;
  readonly ingest: Mapping | undefined;
  /** The old consumer's mapping on the source queue; undefined also where it has two. */
  readonly old: Mapping | undefined;
  readonly oldMappings: number;
  readonly forward: QueueSight | undefined;
  readonly forwardMapping: Mapping | undefined;
  /** The source's topic is not there. */
  readonly topicGone: boolean;
  readonly oldSubscription: Subscription | undefined;
  readonly intakeSubscription: Subscription | undefined;
}
