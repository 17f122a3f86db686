import { WEBCAT_CHECKS } from "@crossfade/legacy";
import * as z from "zod";
import type { OrderRuns } from "../support/order-runs.ts";
import type { Actors } from "./actors.ts";

const Records = z.looseObject({ Records: z.array(z.looseObject({ body: z.string() })) });
const Service = z.looseObject({ service: z.string() });

/** Longer than a state waits for a function, so that a silent one is the state's timeout and not its own. */
const LONG = { timeoutSeconds: 60 };

/** Puts the actors in the place of every function that the machines ask. Returns the ARN of the stand-in. */
export function cast({ cloud, approvalsUrl }: OrderRuns, actors: Actors): string {
  const { functions } = cloud;
  const echo = actors.lambda("finish", (_, told) => told);
  functions.register("finish-order", echo, LONG);
  functions.register(
    "plan",
    actors.lambda("plan", (deed) => ({ status: "COMPLETED", planned: deed })),
    LONG,
  );
  functions.register("delegate", actors.delegate, LONG);
  for (const { name } of WEBCAT_CHECKS) functions.register(`check-${name}`, actors.check(name), LONG);
  functions.register("approvals", async (event) => {
    const { Records: records } = Records.parse(event);
    await Promise.all(records.map(({ body }) => actors.approve(JSON.parse(body))));
  });
  const queueArn = `arn:aws:sqs:${cloud.region}:${cloud.accountId}:approvals`;
  cloud.mapQueue({ queueUrl: approvalsUrl, queueArn, functionName: "approvals" });
  const standIn = actors.lambda(
    (event) => Service.parse(event).service,
    () => ({}),
  );
  return functions.register("stand-in", standIn, LONG);
}
