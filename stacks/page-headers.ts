import type { DashboardConfig } from "@crossfade/bridge/deployment";
import type { Place } from "./place.ts";

const YEAR = 365 * 24 * 3600;

/** Scripts and styles of the app's own files alone; calls to the API and to where people sign in alone. */
const contentPolicy = ({ issuer, signInOrigins }: DashboardConfig, apiUrl: string): string =>
  [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"],
    `connect-src ${["'self'", apiUrl, new URL(issuer).origin, ...signInOrigins].join(" ")}`,
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join("; ");

/** What CloudFront says with every page, whatever the bucket says. */
export function pageHeaders(
  place: Place,
  dashboard: DashboardConfig,
  apiUrl: $util.Output<string>,
): aws.cloudfront.ResponseHeadersPolicy {
  const override = true;
  const contentSecurityPolicy = apiUrl.apply((url) => contentPolicy(dashboard, url));
  return new aws.cloudfront.ResponseHeadersPolicy("pages", {
    name: place.name("pages"),
    securityHeadersConfig: {
      contentSecurityPolicy: { contentSecurityPolicy, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: "DENY", override },
      referrerPolicy: { referrerPolicy: "no-referrer", override },
      strictTransportSecurity: { accessControlMaxAgeSec: YEAR, override },
    },
  });
}
