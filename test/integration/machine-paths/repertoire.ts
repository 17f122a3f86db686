import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { OrderRuns } from "../support/order-runs.ts";
import { Definition, hurried, overdue, withStandIns } from "./definition.ts";
import { TEST_ACTIONS } from "./order-scenarios.ts";
import type { Variant } from "./scenario.ts";

export interface Repertoire {
  /** Of every machine that the bridge deploys, as it deploys it. */
  readonly definitions: ReadonlyMap<string, Definition>;
  arnOf(machine: string, variant?: Variant): string | undefined;
}

const PREFIX = "test-";
const INSTANT = `${PREFIX}Instant`;

/** Finds the machines that are deployed, puts each in a hurry, and adds its variants and the tests' own Actions. */
export async function rehearse({ sfn, cloud }: OrderRuns, standInArn: string): Promise<Repertoire> {
  const arns = new Map<string, string>();
  const definitions = new Map<string, Definition>();
  const key = (machine: string, variant: Variant = "hurried") => `${machine} ${variant}`;
  const roleArn = `arn:aws:iam::${cloud.accountId}:role/test`;
  const create = async (name: string, definition: unknown) => {
    const command = new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn });
    return (await sfn.send(command)).stateMachineArn ?? "";
  };
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn = "", name = "" } of stateMachines.filter((each) => each.name !== INSTANT)) {
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const definition = Definition.parse(JSON.parse(described.definition ?? ""));
    const machine = name.slice(PREFIX.length);
    definitions.set(machine, definition);
    const hasty = JSON.stringify(hurried(definition));
    await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: hasty }));
    arns.set(key(machine), stateMachineArn);
    arns.set(key(machine, "overdue"), await create(`${name}-overdue`, overdue(definition)));
    arns.set(key(machine, "stand-ins"), await create(`${name}-stand-ins`, withStandIns(definition, standInArn)));
  }
  for (const [name, definition] of Object.entries(TEST_ACTIONS)) await create(`${PREFIX}${name}`, definition);
  return { definitions, arnOf: (machine, variant) => arns.get(key(machine, variant)) };
}
