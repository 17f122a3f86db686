export * from "./config.ts";
export * from "./contract.ts";
export * from "./deployed.ts";
