import { ACCOUNT_ID } from "../contract.ts";
import { invalidArn, notSupported } from "./errors.ts";

/** Makes and checks the ARNs of one region. */
export class Arns {
  readonly region: string;
  readonly #prefix: string;

  constructor(region: string) {
    this.region = region;
    this.#prefix = `arn:aws:states:${region}:${ACCOUNT_ID}`;
  }

  machine(name: string): string {
    return `${this.#prefix}:stateMachine:${name}`;
  }

  execution(machineName: string, name: string): string {
    return `${this.#prefix}:execution:${machineName}:${name}`;
  }

  activity(name: string): string {
    return `${this.#prefix}:activity:${name}`;
  }
}

const STATES_ARN = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:(stateMachine|execution|activity):(.+)$/;
const PARTS = { stateMachine: 1, execution: 2, activity: 1 } as const;

/** Throws InvalidArn unless `arn` is of that kind; versions, aliases and map runs are refused by name. */
export function assertArn(arn: string, kind: keyof typeof PARTS): void {
  const match = STATES_ARN.exec(arn);
  if (match?.[1] !== kind) throw invalidArn(arn);
  const parts = (match[2] ?? "").split(":").length;
  if (kind === "stateMachine" && (parts === 2 || arn.includes("/"))) {
    throw notSupported(`state machine versions, aliases and map runs (${arn})`);
  }
  if (parts !== PARTS[kind]) throw invalidArn(arn);
}
