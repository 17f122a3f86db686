export * from "./dead-letters.ts";
export * from "./move-dead-letters.ts";
export * from "./story.ts";
export * from "./views.ts";
