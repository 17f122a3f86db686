export { createIssuer, type Issuer, LOCAL_ACCESS, type LocalRole } from "./issuer.ts";
export { type Dashboard, type DashboardOptions, serveDashboard } from "./serve.ts";
