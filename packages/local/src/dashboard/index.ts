export { type BridgeDashboardOptions, serveBridgeDashboard } from "./bridge-dashboard.ts";
export { createIssuer, type Issuer, LOCAL_ACCESS, type LocalRole } from "./issuer.ts";
export { type Dashboard, type DashboardOptions, type Place, serveDashboard } from "./serve.ts";
