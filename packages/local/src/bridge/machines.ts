import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  type SFNClient,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import {
  type ApprovalPlace,
  actionMachine,
  type DeployedCheck,
  type Machine,
  orderMachine,
  WEBCAT_ACTIONS,
} from "@crossfade/bridge/machines";

export interface Machines {
  readonly orderArn: string;
  /** By name: `registry`, `dns`. */
  readonly activityArns: ReadonlyMap<string, string>;
}

/** A role is asked for by the API and means nothing here. */
const roleArn = (accountId: string) => `arn:aws:iam::${accountId}:role/local`;

/** Where the machines stand, and what Order needs to know. */
export interface MachinesPlace {
  readonly region: string;
  readonly accountId: string;
  readonly migration: string;
  readonly finishOrderArn: string;
  readonly checks: readonly DeployedCheck[];
  readonly approvals: ApprovalPlace;
}

const orderIn = (place: MachinesPlace): Machine =>
  orderMachine({ ...place, statesArn: `arn:aws:states:${place.region}:${place.accountId}` });

/** Gives Order another definition; orders that run keep the one that they began with. */
export async function updateOrder(client: SFNClient, stateMachineArn: string, place: MachinesPlace): Promise<void> {
  const definition = JSON.stringify(orderIn(place));
  await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
}

/** Activities, Actions and Order, as the stacks deploy them. */
export async function createMachines(client: SFNClient, place: MachinesPlace): Promise<Machines> {
  const activityArns = new Map<string, string>();
  for (const name of new Set(WEBCAT_ACTIONS.map((spec) => spec.activity))) {
    const answer = await client.send(new CreateActivityCommand({ name: `${place.migration}-${name}` }));
    activityArns.set(name, answer.activityArn ?? "");
  }
  const create = async (name: string, machine: Machine): Promise<string> => {
    const definition = JSON.stringify(machine);
    const command = new CreateStateMachineCommand({
      name: `${place.migration}-${name}`,
      definition,
      roleArn: roleArn(place.accountId),
      type: "STANDARD",
    });
    return (await client.send(command)).stateMachineArn ?? "";
  };
  for (const spec of WEBCAT_ACTIONS) {
    await create(spec.action, actionMachine(spec, activityArns.get(spec.activity) ?? ""));
  }
  return { orderArn: await create("Order", orderIn(place)), activityArns };
}
