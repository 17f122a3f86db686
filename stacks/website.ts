import { apiGateway } from "./api-gateway.ts";
import { pagesAt } from "./pages.ts";
import type { Plan } from "./plan.ts";

/** What people see in a browser, and the API behind it. */
export interface Website {
  /** Of the pages: scheme and host. */
  readonly origin: $util.Output<string>;
  readonly apiUrl: $util.Output<string>;
  answerBy(api: sst.aws.Function): void;
}

/** Undefined where the configuration says no dashboard. */
export function websiteOf(plan: Plan): Website | undefined {
  const { dashboard } = plan.config;
  if (dashboard === undefined) return undefined;
  const { url, answerBy } = apiGateway(plan);
  return { origin: pagesAt(plan, dashboard, url), apiUrl: url, answerBy };
}
