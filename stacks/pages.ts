import { join, relative } from "node:path";
import type { DashboardConfig } from "@crossfade/bridge/deployment";
import { pageHeaders } from "./page-headers.ts";
import type { Place } from "./place.ts";
import type { Plan } from "./plan.ts";
import { policy } from "./policy.ts";

const APP = "packages/dashboard";
const SETTINGS = "settings.json";

/** Asked for again each time; the files under assets/ have their content's hash in their names. */
const FRESH = "no-cache";
const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * A bucket that nobody reaches but the distribution. Not the one StaticSite would make: that opens to every distribution
 * of every account, and to every origin by CORS.
 */
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

/** The distribution as StaticSite makes it, but with our headers, for reading alone, and before our bucket. */
function distributionOf(place: Place, bucket: aws.s3.Bucket, headers: aws.cloudfront.ResponseHeadersPolicy) {
  const control = new aws.cloudfront.OriginAccessControl("pages", {
    name: place.name("pages"),
    ...{ originAccessControlOriginType: "s3", signingBehavior: "always", signingProtocol: "sigv4" },
  });
  return (args: sst.aws.CdnArgs): undefined => {
    args.comment = place.name("dashboard");
    // StaticSite names a host of SST's, and has its function put the bucket in that place at each request.
    args.origins = [
      { originId: "default", domainName: bucket.bucketRegionalDomainName, originAccessControlId: control.id },
    ];
    args.defaultCacheBehavior = $util.output(args.defaultCacheBehavior).apply((behavior) => ({
      ...behavior,
      allowedMethods: ["GET", "HEAD"],
      responseHeadersPolicyId: headers.id,
    }));
    args.transform = { distribution: { isIpv6Enabled: true, httpVersion: "http2and3" } };
  };
}

/** The app, built anew: what is deployed is what stands in the sources. What is no file of it is one of its pages. */
function siteOf(bucket: aws.s3.Bucket, cdn: ReturnType<typeof distributionOf>): sst.aws.StaticSite {
  // Not into the app's own folder, from which a demonstration may be serving.
  const inWork = (name: string): string => relative(join($cli.paths.root, APP), join($cli.paths.work, name));
  const output = inWork("pages");
  return new sst.aws.StaticSite("Pages", {
    path: APP,
    build: { command: `npm run --silent build -- --outDir ${output} --emptyOutDir`, output },
    // SST would write this among the app's sources.
    vite: { types: inWork("pages-env.d.ts") },
    assets: {
      // The id, which is not known before the bucket is there: StaticSite reads it.
      bucket: bucket.id,
      fileOptions: [
        { files: "**", cacheControl: FRESH },
        { files: "assets/**", cacheControl: FOR_EVER },
      ],
      routes: [SETTINGS],
    },
    // The browser and CloudFront keep nothing that may change.
    invalidation: false,
    dev: false,
    transform: { cdn },
  });
}

/**
 * The app, by CloudFront from a bucket.
 * @returns the origin of the pages.
 */
export function pagesAt(
  { place }: Plan,
  dashboard: DashboardConfig,
  apiUrl: $util.Output<string>,
): $util.Output<string> {
  const bucket = pageBucket(place);
  const site = siteOf(bucket, distributionOf(place, bucket, pageHeaders(place, dashboard, apiUrl)));
  const { cdn } = site.nodes;
  if (cdn === undefined) throw new TypeError("StaticSite has made no distribution");
  new aws.s3.BucketPolicy("pages", {
    bucket: bucket.bucket,
    policy: $util.all([bucket.arn, cdn.nodes.distribution.arn]).apply(([bucketArn, sourceArn]) =>
      policy([
        {
          ...{ actions: ["s3:GetObject"], resources: [`${bucketArn}/*`], sourceArn },
          principal: { Service: "cloudfront.amazonaws.com" },
        },
      ]),
    ),
  });
  const { issuer, clientId, audience, scope } = dashboard;
  // Not among the app's files: they are built before anybody knows where the API is.
  new aws.s3.BucketObjectv2(`pages/${SETTINGS}`, {
    ...{ bucket: bucket.bucket, key: SETTINGS, contentType: "application/json", cacheControl: FRESH },
    content: apiUrl.apply((url) => JSON.stringify({ apiUrl: `${url}/api`, issuer, clientId, audience, scope })),
  });
  return site.url;
}
