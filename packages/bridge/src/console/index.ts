export * from "./change-rollout.ts";
export * from "./dead-letters.ts";
export * from "./move-dead-letters.ts";
export * from "./overview.ts";
export * from "./preview.ts";
export * from "./route-detail.ts";
export * from "./story.ts";
export * from "./views.ts";
