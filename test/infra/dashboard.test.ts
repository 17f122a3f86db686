import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { deadLetterPlaces, placesOf } from "@crossfade/bridge/deployment";
import { Environment } from "@crossfade/functions/env";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { readSettings } from "../../packages/dashboard/src/settings.ts";
import { edgeOf } from "./support/edge.ts";
import { graphOfLocal } from "./support/graph-of-local.ts";
import { graphOfStack } from "./support/graph-of-stack.ts";
import { policiesOf } from "./support/policies.ts";
import { arnOf, json, nameOf, type Resource, type Stack, stackOf } from "./support/stack.ts";

/** Staging has a dashboard, production none. */
let staging: Stack;
let production: Stack;
beforeAll(async () => {
  staging = await stackOf("staging");
  production = await stackOf("production");
});

const ORIGIN = "https://pagescdndistribution.cloudfront.net";
const distribution = () => staging.one("distribution", "PagesCdnDistribution");
const apiUrl = () => String(staging.one("api", "api").state["apiEndpoint"]);

const Variables = z.object({ environment: z.object({ variables: z.record(z.string(), z.string()) }) });
const nameOfBucket = ({ inputs }: Resource) => z.string().parse(inputs["bucket"]);
const variablesOf = (fn: Resource) => Variables.parse(fn.inputs).environment.variables;

test("without a dashboard in the configuration nothing of it is deployed", () => {
  for (const kind of ["api", "gatewayRoute", "gatewayStage", "distribution", "headers"] as const) {
    expect(production.all(kind), kind).toEqual([]);
    expect(staging.all(kind).length, kind).toBeGreaterThan(0);
  }
  expect(production.all("function").map(({ name }) => name)).not.toContain("ApiFunction");
  expect(production.synthesis.outputs).not.toHaveProperty("dashboard");
});

test("the outputs say where pages and API are", () => {
  expect(staging.synthesis.outputs).toMatchObject({ dashboard: ORIGIN, api: apiUrl() });
});

test("the embedded cloud has the same functions", async () => {
  const local = await graphOfLocal(staging.config);
  expect(graphOfStack(staging).functions).toEqual(local.functions);
  expect(local.functions).toMatchObject({ "<bridge>-api": 29 });
}, 60_000);

describe("the API's function", () => {
  const read = () =>
    Environment.pick({
      ...{ LEDGER_TABLE: true, TRACKING_TABLE: true, ORDER_STATE_MACHINE_ARN: true, DEAD_LETTERS: true },
      ...{ DASHBOARD_ISSUER: true, DASHBOARD_AUDIENCE: true, DASHBOARD_ORIGIN: true, DASHBOARD_ROLE_CLAIM: true },
      ...{ DASHBOARD_VIEWERS: true, DASHBOARD_OPERATORS: true },
    }).parse(variablesOf(staging.one("function", "ApiFunction")));

  test("is told the one origin, the issuer, and which values of which claim mean what", () => {
    const { dashboard } = staging.config;
    expect(read()).toMatchObject({
      DASHBOARD_ORIGIN: ORIGIN,
      DASHBOARD_ISSUER: dashboard?.issuer,
      DASHBOARD_AUDIENCE: dashboard?.audience,
      DASHBOARD_ROLE_CLAIM: "cognito:groups",
      DASHBOARD_VIEWERS: ["webcat-team"],
      DASHBOARD_OPERATORS: ["webcat-operators"],
    });
  });

  test("knows the same dead-letter queues as the operator's command, and where they return", () => {
    expect(placesOf(read().DEAD_LETTERS)).toEqual(deadLetterPlaces(staging.deployed));
    expect(placesOf(read().DEAD_LETTERS).queues.size).toBeGreaterThan(5);
  });

  test("has variables that Lambda takes, and no secret but where errors are told", () => {
    const variables = variablesOf(staging.one("function", "ApiFunction"));
    expect(Object.entries(variables).flat().join("").length).toBeLessThan(4_096);
    for (const secret of ["TOKEN_KEY", "STRIPE_SECRET_KEY", "PAYLOAD_BUCKET", "PAYMENTS_TABLE"])
      expect(variables).not.toHaveProperty(secret);
  });
});

/** By resource, `~` for the deployment's prefix: the actions, without the name of their service. */
function grantsOf(where: string): Record<string, string> {
  const [found] = policiesOf(staging).filter((policy) => policy.where === where);
  const label = (arn: string) =>
    arn.replace(/^arn:aws:([a-z0-9]+):[^:]*:[^:]*:/, "$1 ").replaceAll("webcat-staging-", "~");
  const grants = new Map<string, Set<string>>();
  for (const { Action, Resource } of found?.statements ?? []) {
    for (const resource of Resource.map(label)) {
      const known = grants.get(resource) ?? new Set();
      for (const action of Action) known.add(action.slice(action.indexOf(":") + 1));
      grants.set(resource, known);
    }
  }
  return Object.fromEntries([...grants].map(([resource, actions]) => [resource, [...actions].sort().join(" ")]));
}

const each = (names: readonly string[], of: (name: string) => string, actions: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [of(name), actions]));

describe("may do this and nothing else:", () => {
  const ACTIONS = ["RegisterDomain", "RenewDomain", "RefreshDomain", "UpdateDns", "SetUpDomain"];
  const own = ["mirror", "settle", "approvals"];
  const forwards = ["registrations-forward", "refreshes-forward", "dns-forward"];
  const fifo = new Set(["registrations-forward", "refreshes-forward", "delegate-update-dns"]);
  const deadLetters = [...own, ...forwards, "delegate-update-dns"].map(
    (name) => `${name}-dlq${fifo.has(name) ? ".fifo" : ""}`,
  );
  const returns = [...own, ...forwards, "delegate-update-dns"].map(
    (name) => `~${name}${fifo.has(name) ? ".fifo" : ""}`,
  );
  const intakes = ["webcat-registrations", "webcat-refreshes", "webcat-dns"];

  test("the API's function", () => {
    const grants = grantsOf("Role ApiRole inlinePolicies");
    expect(grants).toEqual({
      "dynamodb table/~ledger": "BatchGetItem ConditionCheckItem GetItem PutItem Query",
      "dynamodb table/~ledger/index/in-flight": "Query",
      "dynamodb table/~ledger/index/verdicts": "Query",
      "dynamodb table/webcat-requests": "GetItem",
      ...each(["Order", ...ACTIONS], (name) => `states execution:~${name}:*`, "DescribeExecution GetExecutionHistory"),
      ...each(
        ["quarantine", "events-dlq", ...deadLetters],
        (name) => `sqs ~${name}`,
        "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage",
      ),
      ...each([...intakes, ...returns], (name) => `sqs ${name}`, "SendMessage"),
      "logs log-group:/aws/lambda/~api:*": "CreateLogStream PutLogEvents",
    });
  });

  test("the distribution, for whom alone the pages' bucket opens", () => {
    const [found] = policiesOf(staging).filter(({ where }) => where === "BucketPolicy pages policy");
    const bucket = staging.one("bucket", "pages");
    expect(found?.statements).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [`${arnOf(bucket)}/*`],
        Principal: { Service: ["cloudfront.amazonaws.com"] },
        Condition: { ArnEquals: { "aws:SourceArn": arnOf(distribution()) } },
      },
    ]);
  });

  test("API Gateway, which calls the function for this API alone", () => {
    const permission = staging.one("lambdaPermission", "api");
    expect(permission.inputs).toMatchObject({
      principal: "apigateway.amazonaws.com",
      function: nameOf(staging.one("function", "ApiFunction")),
      sourceArn: `${staging.one("api", "api").state["executionArn"]}/*/*`,
    });
  });
});

describe("API Gateway", () => {
  test("lets through what the API answers, and nothing more", () => {
    const routes = staging.all("gatewayRoute").map(({ inputs }) => inputs["routeKey"]);
    expect(routes.sort()).toEqual(["ANY /api/{proxy+}", "GET /openapi.json"]);
  });

  test("throttles all people together", () => {
    expect(staging.one("gatewayStage", "api").inputs["defaultRouteSettings"]).toEqual({
      throttlingRateLimit: 50,
      throttlingBurstLimit: 100,
    });
  });

  test("logs no address, no path, no header and no person", () => {
    const { format } = z
      .object({ format: json(z.record(z.string(), z.string())) })
      .parse(staging.one("gatewayStage", "api").inputs["accessLogSettings"]);
    expect(Object.keys(format).length).toBeGreaterThan(5);
    for (const variable of Object.values(format))
      expect(variable).not.toMatch(/identity|path|authorizer|requestOverride|domainName|claims/i);
  });

  test("answers no page's question whether it may call: the function does, for one origin", () => {
    expect(staging.one("api", "api").inputs).not.toHaveProperty("corsConfiguration");
  });
});

const Uploaded = z.object({
  bucketName: z.string(),
  files: z.array(z.object({ key: z.string(), source: z.string(), cacheControl: z.string(), contentType: z.string() })),
});

describe("the pages", () => {
  const uploaded = () => Uploaded.parse(staging.one("done", "PagesAssetFiles.sst.aws.BucketFiles").inputs);
  const bucket = () => staging.one("bucket", "pages");
  const settings = () => staging.one("object", "pages/settings.json").inputs;

  test("are the app as it was built, each as what it is, with the settings beside it", () => {
    const dist = resolve(dirname(staging.synthesis.file), "pages");
    const built = readdirSync(dist, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => resolve(entry.parentPath, entry.name).slice(dist.length + 1));
    const { bucketName, files } = uploaded();
    expect(bucketName).toBe(nameOfBucket(bucket()));
    expect(files.map(({ key }) => key).sort()).toEqual(built.sort());
    expect(built).toEqual(expect.arrayContaining(["index.html", expect.stringMatching(/^assets\/.+\.js$/)]));
    for (const { key, source, cacheControl, contentType } of files) {
      expect(source).toBe(resolve(dist, key));
      const isHashed = key.startsWith("assets/");
      expect(cacheControl).toBe(isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      expect(contentType, key).toMatch(/^(text|application|image|font)\//);
      // SST says so of what it does not know, and no browser would run it.
      expect(contentType, key).not.toMatch(/octet-stream/);
    }
    expect(settings()).toMatchObject({
      ...{ bucket: bucketName, key: "settings.json", cacheControl: "no-cache", contentType: "application/json" },
    });
  });

  test("are told what the app must know", () => {
    expect(readSettings(JSON.parse(String(settings()["content"])), ORIGIN)).toEqual({
      apiUrl: `${apiUrl()}/api`,
      issuer: staging.config.dashboard?.issuer,
      clientId: "exampleclientid",
      audience: "exampleclientid",
      scope: "openid profile email",
    });
  });

  test("are files of the app and its settings; every other path is a page of the app", async () => {
    const ask = edgeOf(staging, "Pages");
    const script = uploaded().files.find(({ key }) => key.endsWith(".js"))?.key ?? "";
    const found = { "/index.html": "/index.html", "/settings.json": "/settings.json", [`/${script}`]: `/${script}` };
    // Not the app: a browser would take it for a script.
    const missing = { "/assets/gone.js": "/assets/gone.js" };
    const pages = [
      "/",
      "/routes/register-domain",
      "/requests/order-1.a/",
      "/requests/a%2Fb",
      "/%zz",
      "/index",
      "/x.js",
    ];
    const answers = { ...found, ...missing, ...Object.fromEntries(pages.map((page) => [page, "/index.html"])) };
    for (const [path, key] of Object.entries(answers)) {
      expect(await ask(path), path).toEqual({
        key,
        origin: {
          domainName: bucket().state["bucketRegionalDomainName"],
          originAccessControlConfig: {
            ...{ enabled: true, originType: "s3", signingBehavior: "always", signingProtocol: "sigv4" },
          },
        },
      });
    }
  });

  test("call the API and the issuer, and nothing else; run no script but their own; stand in no frame", () => {
    const { contentSecurityPolicy } = z
      .object({ contentSecurityPolicy: z.object({ contentSecurityPolicy: z.string(), override: z.literal(true) }) })
      .parse(staging.one("headers", "pages").inputs["securityHeadersConfig"]);
    const directives = contentSecurityPolicy.contentSecurityPolicy.split("; ");
    expect(directives).toEqual([
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"],
      `connect-src 'self' ${apiUrl()} https://cognito-idp.eu-west-1.amazonaws.com https://webcat-staging.auth.eu-west-1.amazoncognito.com`,
      ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
    ]);
  });

  test("have these headers, whatever the bucket says", () => {
    const headers = staging.one("headers", "pages");
    expect(headers.inputs["securityHeadersConfig"]).toMatchObject({
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      referrerPolicy: { referrerPolicy: "no-referrer", override: true },
      strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, override: true },
    });
    expect(distribution().inputs["defaultCacheBehavior"]).toMatchObject({ responseHeadersPolicyId: headers.id });
    expect(distribution().inputs).not.toHaveProperty("orderedCacheBehaviors");
  });

  test("go over https alone, from a bucket that is nobody else's", () => {
    expect(distribution().inputs).toMatchObject({
      ...{ isIpv6Enabled: true, httpVersion: "http2and3", aliases: [] },
      viewerCertificate: { cloudfrontDefaultCertificate: true },
      defaultCacheBehavior: {
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
        compress: true,
      },
    });
    const [origin, ...others] = z.array(z.unknown()).parse(distribution().inputs["origins"]);
    expect(others).toEqual([]);
    expect(origin).toEqual({
      originId: "default",
      domainName: bucket().state["bucketRegionalDomainName"],
      originAccessControlId: staging.one("control", "pages").id,
    });
    const blocks = staging.synthesis.resources.filter(
      ({ type, name }) => type.endsWith(":BucketPublicAccessBlock") && name === "pages",
    );
    expect(blocks.map(({ inputs: block }) => block)).toEqual([
      {
        bucket: nameOfBucket(bucket()),
        ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      },
    ]);
  });

  test("have one bucket, named as the others are, closed to other origins, and gone with the deployment", () => {
    const created = staging.all("bucket").filter(({ kind }) => kind === "created");
    expect(created.map(({ name }) => name).sort()).toEqual(["pages", "payloads"]);
    expect(nameOfBucket(bucket())).toBe("webcat-staging-pages-000000000000-eu-west-1");
    expect(bucket()).toMatchObject({ inputs: { forceDestroy: true }, options: { retainOnDelete: false } });
    const [read, ...others] = staging.all("bucket").filter(({ kind }) => kind === "read");
    expect(others).toEqual([]);
    expect(read?.id).toBe(bucket().id);
    const types = staging.synthesis.resources.map(({ type }) => type);
    expect(types.filter((type) => /BucketCors|BucketWebsite|BucketAcl/.test(type))).toEqual([]);
  });
});
