export * from "./counts.ts";
export { type Difference, DifferenceKind, differences, groupOf, jsonDifferences } from "./differences.ts";
export type { Json } from "./json.ts";
export * from "./latency.ts";
export { groupText, type Path, type Pattern, parsePattern, pathText } from "./path.ts";
export * from "./rules.ts";
export * from "./sample.ts";
export * from "./tally.ts";
export * from "./verdict.ts";
