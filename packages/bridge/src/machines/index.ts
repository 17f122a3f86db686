export { type ActionArns, type ActionSpec, actionMachine } from "./actions.ts";
export type { ApprovalPlace } from "./approval.ts";
export * from "./asl.ts";
export type { DeployedCheck } from "./checks.ts";
export { diagramOf } from "./diagram.ts";
export { type OrderMachineArns, orderMachine } from "./order.ts";
export * from "./parts.ts";
