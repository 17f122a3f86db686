import { type DeploymentInput, defineDeployment } from "@crossfade/bridge/deployment";

/** The account that you deploy into. It never stands in a file; without it a deployment is refused by the provider. */
const accountId = process.env["CROSSFADE_ACCOUNT_ID"] ?? "000000000000";
const region = "eu-west-1";

const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${accountId}:${name}`;
const table = (name: string) => arn("dynamodb", `table/${name}`);
const role = (name: string) => `arn:aws:iam::${accountId}:role/${name}`;

/** The old services, which read their queues themselves. */
const consumer = { kind: "process", roleArn: role("webcat-services") } as const;

/** A queue of WebCat that the bridge takes over. */
const queue = (name: string) => ({
  ...({ attach: "intercept", at: "queue", consumer } as const),
  queueUrl: `https://sqs.${region}.amazonaws.com/${accountId}/${name}`,
  queueArn: arn("sqs", name),
});

/** WebCat as it stands, with what differs between its stages. */
const webcat = (stage: {
  /** As `aws dynamodb describe-table` tells it: LatestStreamLabel of webcat-requests. */
  readonly streamLabel: string;
  readonly registryUrl: string;
  readonly retain: boolean;
  readonly executionData: boolean;
  /** Who may use the dashboard; without it there is none. */
  readonly dashboard?: DeploymentInput["dashboard"];
}): DeploymentInput => ({
  accountId,
  region,
  tracking: {
    tableArn: table("webcat-requests"),
    changes: { streamArn: `${table("webcat-requests")}/stream/${stage.streamLabel}` },
  },
  sources: {
    registrations: {
      ...queue("webcat-registrations"),
      topicArns: [arn("sns", "webcat-registrations")],
      routes: ["REGISTER_DOMAIN", "RENEW_DOMAIN"],
    },
    refreshes: { ...queue("webcat-refreshes"), routes: ["REFRESH_DOMAIN"] },
    // Its consumer cannot read a FIFO queue.
    dns: { ...queue("webcat-dns"), forward: "standard", routes: ["UPDATE_DNS"] },
  },
  payments: { kind: "table", tableArn: table("webcat-payments") },
  checks: {
    customer: {
      environment: { CUSTOMERS_TABLE: "webcat-customers" },
      permissions: [{ actions: ["dynamodb:GetItem"], resources: [table("webcat-customers")] }],
    },
    availability: { environment: { REGISTRY_URL: stage.registryUrl } },
  },
  retain: stage.retain,
  executionData: stage.executionData,
  ...(stage.dashboard && { dashboard: stage.dashboard }),
});

/** The one file that says what the bridge is put beside, for each stage. */
export default defineDeployment({
  staging: webcat({
    streamLabel: "2026-01-01T00:00:00.000",
    registryUrl: "https://registry.staging.webcat.example",
    retain: false,
    executionData: true,
    // A user pool of Cognito's, whose groups say the role; its access tokens name the client and no audience.
    dashboard: {
      issuer: `https://cognito-idp.${region}.amazonaws.com/${region}_Example00`,
      ...{ audience: "exampleclientid", clientId: "exampleclientid", roleClaim: "cognito:groups" },
      ...{ viewers: ["webcat-team"], operators: ["webcat-operators"] },
      signInOrigins: [`https://webcat-staging.auth.${region}.amazoncognito.com`],
    },
  }),
  production: webcat({
    streamLabel: "2026-01-01T00:00:00.000",
    registryUrl: "https://registry.webcat.example",
    retain: true,
    executionData: false,
  }),
});
