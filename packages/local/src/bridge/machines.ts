import { CreateActivityCommand, CreateStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
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

/** Activities, Actions and Order, as the stacks deploy them. */
export async function createMachines(
  client: SFNClient,
  place: {
    readonly region: string;
    readonly accountId: string;
    readonly migration: string;
    readonly finishOrderArn: string;
    readonly delegateArn: string;
    readonly delegateWaitSeconds?: number | undefined;
    readonly checks: readonly DeployedCheck[];
    readonly approvals: ApprovalPlace;
  },
): Promise<Machines> {
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
  const statesArn = `arn:aws:states:${place.region}:${place.accountId}`;
  const order = orderMachine({ ...place, statesArn });
  return { orderArn: await create("Order", order), activityArns };
}
