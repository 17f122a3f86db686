import * as z from "zod";
import type { Place } from "./physical.ts";
import type { MockedCall, Properties } from "./pulumi.ts";

const Statements = z.object({
  statements: z
    .array(
      z.strictObject({
        effect: z.string().default("Allow"),
        actions: z.array(z.string()),
        resources: z.array(z.string()).optional(),
        principals: z.array(z.object({ type: z.string(), identifiers: z.array(z.string()) })).default([]),
        conditions: z
          .array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) }))
          .optional(),
      }),
    )
    .optional(),
});

/** A policy as the provider writes it from SST's `permissions`. */
function policyDocument(inputs: Properties): Properties {
  const { statements } = Statements.parse(inputs);
  const Statement = (statements ?? []).map(({ effect, actions, resources, principals, conditions = [] }) => ({
    Effect: effect,
    ...(principals.length > 0 && {
      Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
    }),
    Action: actions,
    Resource: resources,
    ...(conditions.length > 0 && {
      Condition: Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
    }),
  }));
  return { statements: statements && inputs["statements"], json: JSON.stringify({ Version: "2012-10-17", Statement }) };
}

/** Answers to what the provider is asked before anything is created. @throws Error for a question that is not known. */
export function answerOf({ token, inputs }: MockedCall, { accountId, region }: Place): Properties {
  switch (token) {
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return { ...inputs, ...policyDocument(inputs) };
    case "aws:index/getRegion:getRegion":
      return { region, name: region, id: region };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", id: "aws" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId, id: accountId };
    default:
      throw new Error(`test/infra/synth/calls.ts does not answer ${token}`);
  }
}
