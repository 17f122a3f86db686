import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  type SFNClient,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import {
  type ApprovalPlace,
  type DeployedCheck,
  type Machine,
  orderMachine,
  WEBCAT_ACTIVITIES,
  type WebcatActivity,
  webcatActions,
} from "@crossfade/bridge/machines";

export interface Machines {
  readonly orderArn: string;
  readonly activityArns: Readonly<Record<WebcatActivity, string>>;
}

/** A role is asked for by the API and means nothing here. */
const roleArn = (accountId: string) => `arn:aws:iam::${accountId}:role/local`;

/** Where the machines stand, and what Order needs to know. */
export interface MachinesPlace {
  readonly region: string;
  readonly accountId: string;
  readonly migration: string;
  readonly finishOrderArn: string;
  readonly delegateArn: string;
  readonly delegateWaitSeconds?: number | undefined;
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
  const activityArns = { registry: "", dns: "" };
  for (const name of WEBCAT_ACTIVITIES) {
    const answer = await client.send(new CreateActivityCommand({ name: `${place.migration}-${name}` }));
    activityArns[name] = answer.activityArn ?? "";
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
  const { delegateArn: delegateFunction, delegateWaitSeconds } = place;
  const arns = { activities: activityArns, delegateFunction, delegateWaitSeconds };
  for (const [action, machine] of Object.entries(webcatActions(arns))) await create(action, machine);
  return { orderArn: await create("Order", orderIn(place)), activityArns };
}
