import { Deployed, type DeploymentConfig } from "@crossfade/bridge/deployment";
import { inject } from "vitest";
import * as z from "zod";
import deployments from "../../../crossfade.config.ts";
import { type Resource, readSynthesis, type Synthesis } from "../synth/index.ts";

/** The types that tests ask for, by a short name. */
const TYPES = {
  activity: "aws:sfn/activity:Activity",
  api: "aws:apigatewayv2/api:Api",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  bucket: "aws:s3/bucket:Bucket",
  control: "aws:cloudfront/originAccessControl:OriginAccessControl",
  distribution: "aws:cloudfront/distribution:Distribution",
  /** What the SST program does itself when it deploys. */
  done: "pulumi-nodejs:dynamic:Resource",
  edge: "aws:cloudfront/function:Function",
  headers: "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
  function: "aws:lambda/function:Function",
  invokeConfig: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  log: "aws:cloudwatch/logGroup:LogGroup",
  gatewayRoute: "aws:apigatewayv2/route:Route",
  gatewayStage: "aws:apigatewayv2/stage:Stage",
  machine: "aws:sfn/stateMachine:StateMachine",
  lambdaPermission: "aws:lambda/permission:Permission",
  mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
  object: "aws:s3/bucketObjectv2:BucketObjectv2",
  policy: "aws:iam/policy:Policy",
  queue: "aws:sqs/queue:Queue",
  role: "aws:iam/role:Role",
  rule: "aws:cloudwatch/eventRule:EventRule",
  schedule: "aws:scheduler/schedule:Schedule",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
  table: "aws:dynamodb/table:Table",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  topic: "aws:sns/topic:Topic",
} as const;
export type Kind = keyof typeof TYPES;

/** A stage as it would be deployed, to be asked questions. */
export type { Resource } from "../synth/index.ts";

export interface Stack {
  readonly synthesis: Synthesis;
  readonly config: DeploymentConfig;
  readonly deployed: Deployed;
  /** `webcat-<stage>`. */
  readonly prefix: string;
  all(kind: Kind): readonly Resource[];
  /** @throws Error when there is none of that logical name. */
  one(kind: Kind, name: string): Resource;
}

const Outputs = z.object({ crossfade: Deployed });

/** One of the stages that the run has evaluated. */
export const stackOf = async (stage: "staging" | "production"): Promise<Stack> =>
  stackFrom(await readSynthesis(inject("syntheses")[stage] ?? ""), deployments(stage));

/** @throws ZodError when the outputs are not what the operator's command reads. */
export function stackFrom(synthesis: Synthesis, config: DeploymentConfig): Stack {
  const { crossfade: deployed } = Outputs.parse(synthesis.outputs);
  const all = (kind: Kind) => synthesis.resources.filter(({ type }) => type === TYPES[kind]);
  return {
    ...{ synthesis, config, deployed, all },
    prefix: deployed.name,
    one(kind, name) {
      const found = all(kind).filter((each) => each.name === name);
      const [first] = found;
      if (first === undefined || found.length > 1) {
        const names = all(kind).map((each) => each.name);
        throw new Error(`${found.length} resources of kind ${kind} are called ${name}; there are ${names.join(", ")}`);
      }
      return first;
    },
  };
}

export const arnOf = ({ state }: Resource): string => z.string().parse(state["arn"]);
export const nameOf = ({ inputs }: Resource): string => z.string().parse(inputs["name"]);

/** A string that holds JSON, as AWS takes policies and definitions. */
export const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
