export * from "./change-rollout.ts";
export * from "./overview.ts";
export * from "./preview.ts";
export * from "./route-detail.ts";
export * from "./views.ts";
