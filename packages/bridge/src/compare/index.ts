export { type Difference, DifferenceKind, differences, groupOf, jsonDifferences } from "./differences.ts";
export type { Json } from "./json.ts";
export { groupText, type Path, type Pattern, parsePattern, pathText } from "./path.ts";
export * from "./rules.ts";
export * from "./sample.ts";
export * from "./verdict.ts";
