import * as z from "zod";
import { ACCOUNT_ID } from "../contract.ts";
import { invalid, notSupported } from "./errors.ts";
import { type Actions, Bus, defineAction, Name, Paging, pageOf } from "./request.ts";
import type { Rules, Target } from "./rules.ts";

const TargetInput = z.strictObject({
  Id: Name,
  Arn: z.string(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().optional() }).optional(),
});

const NOTHING_FAILED = { FailedEntryCount: 0, FailedEntries: [] };

export function targetActions(rules: Rules, region: string): Actions {
  return {
    PutTargets: defineAction({ Rule: Name, ...Bus, Targets: z.array(TargetInput).min(1).max(100) }, (request) => {
      rules.putTargets(
        request.Rule,
        request.Targets.map((target) => readTarget(target, region)),
      );
      return NOTHING_FAILED;
    }),

    RemoveTargets: defineAction({ Rule: Name, ...Bus, Ids: z.array(Name).min(1).max(100) }, (request) => {
      rules.removeTargets(request.Rule, request.Ids);
      return NOTHING_FAILED;
    }),

    ListTargetsByRule: defineAction({ Rule: Name, ...Bus, ...Paging }, (request) => {
      const targets = [...rules.get(request.Rule).targets.values()];
      const { page, next } = pageOf(targets, ({ id }) => id, request);
      return { Targets: page.map(description), NextToken: next };
    }),
  };
}

function readTarget(input: z.infer<typeof TargetInput>, region: string): Target {
  const { Id: id, Arn: arn } = input;
  const deadLetterArn = input.DeadLetterConfig?.Arn;
  const messageGroupId = input.SqsParameters?.MessageGroupId;
  const queue = new RegExp(`^arn:aws:sqs:${region}:${ACCOUNT_ID}:[\\w-]{1,80}(\\.fifo)?$`);
  if (!queue.test(arn)) throw notSupported(`target ${arn}`);
  if (arn.endsWith(".fifo") && messageGroupId === undefined) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${id}.`);
  }
  // User guide, "Using dead-letter queues": only a standard queue of the rule's own region will do.
  if (deadLetterArn !== undefined && (!queue.test(deadLetterArn) || deadLetterArn.endsWith(".fifo"))) {
    throw invalid(`${deadLetterArn} cannot be a dead-letter queue for target: ${id}.`);
  }
  return { id, arn, deadLetterArn, messageGroupId };
}

function description({ id, arn, deadLetterArn, messageGroupId }: Target) {
  return {
    Id: id,
    Arn: arn,
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
    SqsParameters: messageGroupId === undefined ? undefined : { MessageGroupId: messageGroupId },
  };
}
