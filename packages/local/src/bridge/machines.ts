import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  type SFNClient,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { Contract } from "@crossfade/bridge/deployment";
import { type ApprovalPlace, type DeployedCheck, type Machine, orderMachine } from "@crossfade/bridge/machines";

export interface Machines<Activity extends string = string> {
  readonly orderArn: string;
  readonly activityArns: Readonly<Record<Activity, string>>;
}

/** A role is asked for by the API and means nothing here. */
const roleArn = (accountId: string) => `arn:aws:iam::${accountId}:role/local`;

/** Where the machines stand, and what Order needs to know. */
export interface MachinesPlace<Activity extends string = string> {
  readonly region: string;
  readonly accountId: string;
  /** Machines and activities are called `<prefix>-<name>`. */
  readonly prefix: string;
  readonly contract: Pick<Contract<Activity>, "activities" | "actions">;
  readonly finishOrderArn: string;
  readonly planArn: string;
  readonly delegateArn: string;
  readonly delegateWaitSeconds?: number | undefined;
  readonly checks: readonly DeployedCheck[];
  readonly approvals: ApprovalPlace;
}

/** What Order itself knows of it. */
type OrderPlace = Omit<MachinesPlace, "contract">;

const orderIn = (place: OrderPlace): Machine =>
  orderMachine({
    ...place,
    migration: place.prefix,
    statesArn: `arn:aws:states:${place.region}:${place.accountId}`,
  });

/** Gives Order another definition; orders that run keep the one that they began with. */
export async function updateOrder(client: SFNClient, stateMachineArn: string, place: OrderPlace): Promise<void> {
  const definition = JSON.stringify(orderIn(place));
  await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
}

async function createActivities<Activity extends string>(
  client: SFNClient,
  names: readonly Activity[],
  prefix: string,
): Promise<Readonly<Record<Activity, string>>> {
  const arns: Partial<Record<Activity, string>> = {};
  for (const name of names) {
    const answer = await client.send(new CreateActivityCommand({ name: `${prefix}-${name}` }));
    arns[name] = answer.activityArn ?? "";
  }
  const isWhole = (some: Partial<Record<Activity, string>>): some is Record<Activity, string> =>
    names.every((name) => some[name] !== undefined);
  if (!isWhole(arns)) throw new Error("an activity was not created");
  return arns;
}

/** Activities, Actions and Order, as the stacks deploy them. */
export async function createMachines<Activity extends string>(
  client: SFNClient,
  place: MachinesPlace<Activity>,
): Promise<Machines<Activity>> {
  const { prefix, contract, delegateArn: delegateFunction, delegateWaitSeconds } = place;
  const activities = await createActivities(client, contract.activities, prefix);
  const create = async (name: string, machine: Machine): Promise<string> => {
    const definition = JSON.stringify(machine);
    const command = new CreateStateMachineCommand({
      name: `${prefix}-${name}`,
      definition,
      roleArn: roleArn(place.accountId),
      type: "STANDARD",
    });
    return (await client.send(command)).stateMachineArn ?? "";
  };
  const actions = contract.actions({ activities, delegateFunction, delegateWaitSeconds });
  for (const [action, machine] of Object.entries(actions)) await create(action, machine);
  return { orderArn: await create("Order", orderIn(place)), activityArns: activities };
}
