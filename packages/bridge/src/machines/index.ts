export type { ApprovalPlace } from "./approval.ts";
export type { Machine, State, StateMap } from "./asl.ts";
export type { DeployedCheck } from "./checks.ts";
export { diagramOf } from "./diagram.ts";
export { type OrderMachineArns, orderMachine } from "./order.ts";
export { WEBCAT_ACTIVITIES, type WebcatActivity, webcatActions } from "./webcat.ts";
