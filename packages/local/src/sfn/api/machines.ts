import { randomUUID } from "node:crypto";
import * as z from "zod";
import { assertArn } from "../arns.ts";
import { invalidArn, notSupported, SfnError } from "../errors.ts";
import { parseDefinition } from "../language/validate.ts";
import { assertName } from "../names.ts";
import { page } from "../paging.ts";
import type { Machine } from "../store/machines.ts";
import { type Action, arn, defineAction, paging, seconds } from "./action.ts";
import { tagList } from "./tags.ts";

const configuration = {
  loggingConfiguration: z.looseObject({}).optional(),
  tracingConfiguration: z.looseObject({}).optional(),
};
const NO_LOGGING = { level: "OFF", includeExecutionData: false };
const NO_TRACING = { enabled: false };

export const machineActions: Readonly<Record<string, Action>> = {
  CreateStateMachine: defineAction(
    {
      name: z.string(),
      definition: z.string(),
      roleArn: arn,
      type: z.enum(["STANDARD", "EXPRESS"]).default("STANDARD"),
      publish: z.literal(false).optional(),
      tags: tagList.default([]),
      ...configuration,
    },
    ({ name, definition, roleArn, type, tags, loggingConfiguration, tracingConfiguration }, world) => {
      if (type === "EXPRESS") throw notSupported("EXPRESS state machines", "StateMachineTypeNotSupported");
      assertName(name);
      assertRole(roleArn);
      const machine = world.machines.create(name, {
        definition,
        program: parseDefinition(definition, world.integrations),
        roleArn,
        loggingConfiguration: loggingConfiguration ?? NO_LOGGING,
        tracingConfiguration: tracingConfiguration ?? NO_TRACING,
      });
      world.tags.add(machine.arn, tags);
      return { stateMachineArn: machine.arn, creationDate: seconds(machine.creationDate) };
    },
  ),

  UpdateStateMachine: defineAction(
    {
      stateMachineArn: arn,
      definition: z.string().optional(),
      roleArn: arn.optional(),
      publish: z.literal(false).optional(),
      ...configuration,
    },
    ({ stateMachineArn, definition, roleArn, publish: _publish, ...settings }, world) => {
      assertArn(stateMachineArn, "stateMachine");
      world.machines.get(stateMachineArn);
      if (definition === undefined && roleArn === undefined && Object.keys(settings).length === 0) {
        throw new SfnError("MissingRequiredParameter", "Either the definition or the role ARN must be specified");
      }
      if (roleArn !== undefined) assertRole(roleArn);
      const revisionId = randomUUID();
      const program = definition === undefined ? undefined : parseDefinition(definition, world.integrations);
      world.machines.update(
        stateMachineArn,
        {
          ...settings,
          ...(definition !== undefined && program !== undefined && { definition, program }),
          ...(roleArn !== undefined && { roleArn }),
        },
        revisionId,
      );
      return { updateDate: seconds(Date.now()), revisionId };
    },
  ),

  DescribeStateMachine: defineAction({ stateMachineArn: arn }, ({ stateMachineArn }, world) => {
    assertArn(stateMachineArn, "stateMachine");
    const machine = world.machines.get(stateMachineArn);
    const { definition, roleArn, loggingConfiguration, tracingConfiguration, revisionId } = machine;
    return {
      ...summary(machine),
      status: machine.deleting ? "DELETING" : "ACTIVE",
      definition,
      roleArn,
      loggingConfiguration,
      tracingConfiguration,
      ...(revisionId !== undefined && { revisionId }),
    };
  }),

  ListStateMachines: defineAction(paging, (request, world) => {
    const { items, nextToken } = page(world.machines.all(), ({ position }) => position, request);
    return { stateMachines: items.map(summary), nextToken };
  }),

  DeleteStateMachine: defineAction({ stateMachineArn: arn }, ({ stateMachineArn }, world) => {
    assertArn(stateMachineArn, "stateMachine");
    world.executions.deleteMachine(stateMachineArn);
    return {};
  }),
};

function summary({ arn: stateMachineArn, name, creationDate }: Machine) {
  return { stateMachineArn, name, type: "STANDARD", creationDate: seconds(creationDate) };
}

function assertRole(roleArn: string): void {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalidArn(roleArn);
}
