export * from "./config.ts";
export * from "./contract.ts";
export * from "./dead-letter-variable.ts";
export * from "./dead-letters.ts";
export * from "./deployed.ts";
export * from "./graph.ts";
export * from "./sources.ts";
