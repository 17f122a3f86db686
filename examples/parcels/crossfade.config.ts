import { type DeploymentInput, defineDeployment } from "@crossfade/bridge/deployment";

/** Until a real account is given, everything can be checked but deployed. */
const accountId = process.env["CROSSFADE_ACCOUNT_ID"] ?? "000000000000";
const region = "eu-west-1";

const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${accountId}:${name}`;

/** The carrier's system, as it stands in each stage under names of its own. */
function carrier(prefix: string, streamLabel: string): DeploymentInput {
  const tableArn = arn("dynamodb", `table/${prefix}-jobs`);
  const queue = `${prefix}-jobs`;
  return {
    accountId,
    region,
    tracking: { tableArn, changes: { streamArn: `${tableArn}/stream/${streamLabel}` } },
    sources: {
      jobs: {
        attach: "intercept",
        at: "queue",
        queueUrl: `https://sqs.${region}.amazonaws.com/${accountId}/${queue}`,
        queueArn: arn("sqs", queue),
        topicArns: [arn("sns", `${prefix}-shop`)],
        consumer: { kind: "process", roleArn: `arn:aws:iam::${accountId}:role/${prefix}-dispatcher` },
        routes: ["BOOK_SHIPMENT", "CANCEL_PICKUP"],
      },
    },
    payments: { kind: "table", tableArn: arn("dynamodb", `table/${prefix}-charges`) },
  };
}

export default defineDeployment({
  // Nothing in it is worth keeping, and nobody is woken.
  staging: { ...carrier("carrier-staging", "2026-03-02T08:11:09.412"), retain: false },
  production: { ...carrier("carrier", "2024-10-17T12:40:51.077"), alarmEmail: "dispatch@parcels.example" },
});
