import type { DeploymentInput } from "@crossfade/bridge/deployment";
import type { LegacyResources } from "./resources.ts";

/** Where a reference system stands. */
export interface ReferencePlace {
  readonly accountId: string;
  readonly region: string;
  readonly registryUrl: string;
  readonly payments?: "table" | "stripe";
  /** Receives of a forwarded message before it goes to the dead-letter queue. */
  readonly maxReceives?: number;
  /** Of the queues, in seconds. */
  readonly visibilitySeconds?: number | undefined;
}

/** The reference system as a person would describe it who puts the bridge beside it. */
export function referenceDeployment(
  resources: LegacyResources,
  { accountId, region, registryUrl, payments = "table", maxReceives = 50, visibilitySeconds = 30 }: ReferencePlace,
): DeploymentInput {
  const table = (name: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
  const consumer = { kind: "process", roleArn: `arn:aws:iam::${accountId}:role/webcat-services` } as const;
  const trackingArn = table(resources.trackingTable);
  const queue = ({ queueUrl, queueArn }: { readonly queueUrl: string; readonly queueArn: string }) =>
    ({ attach: "intercept", at: "queue", queueUrl, queueArn, consumer, maxReceives, visibilitySeconds }) as const;
  return {
    accountId,
    region,
    tracking: { tableArn: trackingArn, changes: { streamArn: `${trackingArn}/stream/2026-01-01T00:00:00.000` } },
    payments: payments === "stripe" ? { kind: "stripe" } : { kind: "table", tableArn: table(resources.paymentsTable) },
    checks: {
      customer: { environment: { CUSTOMERS_TABLE: resources.customersTable } },
      availability: { environment: { REGISTRY_URL: registryUrl } },
    },
    sources: {
      registrations: {
        ...queue(resources.registrations),
        topicArns: [resources.registrations.topicArn],
        routes: ["REGISTER_DOMAIN", "RENEW_DOMAIN"],
      },
      refreshes: { ...queue(resources.refreshes), routes: ["REFRESH_DOMAIN"] },
      dns: { ...queue(resources.dns), forward: "standard", routes: ["UPDATE_DNS"] },
    },
  };
}
