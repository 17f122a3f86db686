import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { DashboardConfig } from "@crossfade/bridge/deployment";
import type { Place } from "./place.ts";
import type { Plan } from "./plan.ts";
import { policy } from "./policy.ts";

/** What the app is made of; another file is refused, so that none is served as what it is not. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Files under assets/ have their content's hash in their names. */
const cacheOf = (key: string): string =>
  key.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";

/** The app is built anew: what is deployed is what stands in the sources. */
function builtFiles(): readonly { readonly key: string; readonly file: string }[] {
  const app = join($cli.paths.root, "packages/dashboard");
  // Not its own folder, from which a demonstration may be serving.
  const dist = join($cli.paths.work, "pages");
  execFileSync("npm", ["run", "--silent", "build", "--", "--outDir", dist, "--emptyOutDir"], {
    cwd: app,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return readdirSync(dist, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ key: relative(dist, file), file }));
}

function contentTypeOf(key: string): string {
  const type = CONTENT_TYPES[extname(key)];
  if (type === undefined) throw new TypeError(`packages/dashboard: ${key}: stacks/pages.ts does not know what it is`);
  return type;
}

/** A bucket that nobody reaches but the distribution. */
function pageBucket({ name, accountId, region }: Place): aws.s3.Bucket {
  // Whatever is in it is built anew: it goes with the deployment, also where tables stay.
  const args = { bucket: `${name("pages")}-${accountId}-${region}`, forceDestroy: true };
  const bucket = new aws.s3.Bucket("pages", args, { retainOnDelete: false });
  const id = { bucket: bucket.bucket };
  new aws.s3.BucketPublicAccessBlock("pages", {
    ...id,
    ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
  });
  new aws.s3.BucketOwnershipControls("pages", { ...id, rule: { objectOwnership: "BucketOwnerEnforced" } });
  return bucket;
}

/** Scripts and styles of the app's own files alone; calls to the API and to where people sign in alone. */
const contentPolicy = ({ issuer, signInOrigins }: DashboardConfig, apiUrl: string): string =>
  [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"],
    `connect-src ${["'self'", apiUrl, new URL(issuer).origin, ...signInOrigins].join(" ")}`,
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join("; ");

const YEAR = 365 * 24 * 3600;
const ORIGIN_ID = "pages";
/** AWS's own cache policy "CachingOptimized", which asks the bucket again as Cache-Control says. */
const CACHING = "658327ea-f89d-4fab-a63d-7e88639e58f6";

function distributionOf(
  { place }: Plan,
  bucket: aws.s3.Bucket,
  contentSecurityPolicy: $util.Input<string>,
): aws.cloudfront.Distribution {
  const control = new aws.cloudfront.OriginAccessControl("pages", {
    name: place.name("pages"),
    ...{ originAccessControlOriginType: "s3", signingBehavior: "always", signingProtocol: "sigv4" },
  });
  const override = true;
  const headers = new aws.cloudfront.ResponseHeadersPolicy("pages", {
    name: place.name("pages"),
    securityHeadersConfig: {
      contentSecurityPolicy: { contentSecurityPolicy, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: "DENY", override },
      referrerPolicy: { referrerPolicy: "no-referrer", override },
      strictTransportSecurity: { accessControlMaxAgeSec: YEAR, override },
    },
  });
  // Without leave to list, S3 says "forbidden" of what is no file: one of the app's pages, which the app tells apart.
  const page = { errorCode: 403, responseCode: 200, responsePagePath: "/index.html", errorCachingMinTtl: 0 };
  return new aws.cloudfront.Distribution("pages", {
    comment: place.name("dashboard"),
    ...{ enabled: true, isIpv6Enabled: true, httpVersion: "http2and3", defaultRootObject: "index.html" },
    origins: [{ originId: ORIGIN_ID, domainName: bucket.bucketRegionalDomainName, originAccessControlId: control.id }],
    defaultCacheBehavior: {
      ...{ targetOriginId: ORIGIN_ID, viewerProtocolPolicy: "redirect-to-https", compress: true },
      ...{ allowedMethods: ["GET", "HEAD"], cachedMethods: ["GET", "HEAD"], cachePolicyId: CACHING },
      responseHeadersPolicyId: headers.id,
    },
    customErrorResponses: [page],
    restrictions: { geoRestriction: { restrictionType: "none" } },
    viewerCertificate: { cloudfrontDefaultCertificate: true },
  });
}

/**
 * The app, by CloudFront from a bucket. Not by sst.aws.StaticSite: it would put a router, functions and a key-value store
 * before the bucket, and set no Content-Security-Policy.
 * @returns the origin of the pages.
 */
export function pagesAt(plan: Plan, dashboard: DashboardConfig, apiUrl: $util.Output<string>): $util.Output<string> {
  const bucket = pageBucket(plan.place);
  const distribution = distributionOf(
    plan,
    bucket,
    apiUrl.apply((url) => contentPolicy(dashboard, url)),
  );
  new aws.s3.BucketPolicy("pages", {
    bucket: bucket.bucket,
    policy: $util.all([bucket.arn, distribution.arn]).apply(([bucketArn, sourceArn]) =>
      policy([
        {
          ...{ actions: ["s3:GetObject"], resources: [`${bucketArn}/*`], sourceArn },
          principal: { Service: "cloudfront.amazonaws.com" },
        },
      ]),
    ),
  });
  for (const { key, file } of builtFiles()) {
    new aws.s3.BucketObjectv2(`pages/${key}`, {
      ...{ bucket: bucket.bucket, key, contentType: contentTypeOf(key), cacheControl: cacheOf(key) },
      source: new $util.asset.FileAsset(file),
    });
  }
  const { issuer, clientId, audience, scope } = dashboard;
  new aws.s3.BucketObjectv2("pages/settings.json", {
    ...{ bucket: bucket.bucket, key: "settings.json", contentType: "application/json", cacheControl: "no-cache" },
    content: apiUrl.apply((url) => JSON.stringify({ apiUrl: `${url}/api`, issuer, clientId, audience, scope })),
  });
  return $interpolate`https://${distribution.domainName}`;
}
