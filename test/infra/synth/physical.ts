import type { MockedResource, Properties } from "./pulumi.ts";

/** Where the stack is said to be deployed. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

interface Physical {
  readonly id: string;
  readonly state: Properties;
}

type Describe = (given: { readonly name: string; readonly key: string }, place: Place) => Physical;

const arnOf =
  (service: string, resource: (name: string) => string): Describe =>
  ({ name }, { accountId, region }) => {
    const arn = `arn:aws:${service}:${region}:${accountId}:${resource(name)}`;
    return { id: name, state: { arn } };
  };

/** The ARN is the id as well. */
const named =
  (describe: Describe): Describe =>
  (given, place) => {
    const { state } = describe(given, place);
    return { id: String(state["arn"]), state: { ...state, id: state["arn"] } };
  };

const iam =
  (resource: string): Describe =>
  ({ name }, { accountId }) => ({ id: name, state: { arn: `arn:aws:iam::${accountId}:${resource}/${name}` } });

/** Nothing of it is read by another resource. */
const nothing: Describe = ({ key }) => ({ id: key, state: {} });

/** What AWS would answer about a new resource, by Pulumi's name of its type. */
const TYPES: Readonly<Record<string, Describe>> = {
  "aws:apigatewayv2/api:Api": ({ name, key }, { accountId, region }) => ({
    id: `id-of-${key}`,
    state: {
      apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
      executionArn: `arn:aws:execute-api:${region}:${accountId}:${name}`,
    },
  }),
  "aws:apigatewayv2/integration:Integration": nothing,
  "aws:apigatewayv2/route:Route": nothing,
  "aws:apigatewayv2/stage:Stage": nothing,
  "aws:cloudfront/distribution:Distribution": ({ key }, { accountId }) => ({
    id: `ID-OF-${key.toUpperCase()}`,
    state: {
      arn: `arn:aws:cloudfront::${accountId}:distribution/ID-OF-${key.toUpperCase()}`,
      domainName: `${key.toLowerCase()}.cloudfront.net`,
    },
  }),
  "aws:cloudfront/function:Function": ({ name }, { accountId }) => ({
    id: name,
    state: { arn: `arn:aws:cloudfront::${accountId}:function/${name}` },
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": ({ name }, { accountId }) => ({
    id: name,
    state: { arn: `arn:aws:cloudfront::${accountId}:key-value-store/${name}` },
  }),
  "aws:cloudfront/originAccessControl:OriginAccessControl": ({ key }) => ({ id: `control-of-${key}`, state: {} }),
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": ({ key }) => ({ id: `headers-of-${key}`, state: {} }),
  "aws:cloudwatch/dashboard:Dashboard": nothing,
  "aws:cloudwatch/eventRule:EventRule": arnOf("events", (name) => `rule/${name}`),
  "aws:cloudwatch/eventTarget:EventTarget": nothing,
  "aws:cloudwatch/logGroup:LogGroup": arnOf("logs", (name) => `log-group:${name}`),
  "aws:cloudwatch/metricAlarm:MetricAlarm": arnOf("cloudwatch", (name) => `alarm:${name}`),
  "aws:dynamodb/table:Table": ({ name }, { accountId, region }) => {
    const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
    return { id: name, state: { arn, streamArn: `${arn}/stream/2026-01-01T00:00:00.000` } };
  },
  "aws:iam/policy:Policy": named(iam("policy")),
  "aws:iam/role:Role": iam("role"),
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ key }) => ({
    id: `uuid-of-${key}`,
    state: { uuid: `uuid-of-${key}` },
  }),
  "aws:lambda/function:Function": arnOf("lambda", (name) => `function:${name}`),
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": nothing,
  "aws:lambda/permission:Permission": nothing,
  "aws:s3/bucket:Bucket": ({ name }) => ({
    id: name,
    state: { bucket: name, arn: `arn:aws:s3:::${name}`, bucketRegionalDomainName: `${name}.s3.amazonaws.com` },
  }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": nothing,
  "aws:s3/bucketObjectv2:BucketObjectv2": nothing,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": nothing,
  "aws:s3/bucketPolicy:BucketPolicy": nothing,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": nothing,
  "aws:s3/bucketVersioning:BucketVersioning": nothing,
  "aws:scheduler/schedule:Schedule": arnOf("scheduler", (name) => `schedule/default/${name}`),
  "aws:sfn/activity:Activity": named(arnOf("states", (name) => `activity:${name}`)),
  "aws:sfn/stateMachine:StateMachine": named(arnOf("states", (name) => `stateMachine:${name}`)),
  "aws:sns/topic:Topic": named(arnOf("sns", (name) => name)),
  "aws:sns/topicPolicy:TopicPolicy": nothing,
  "aws:sns/topicSubscription:TopicSubscription": nothing,
  "aws:sqs/queue:Queue": (given, place) => {
    const { accountId, region } = place;
    const url = `https://sqs.${region}.amazonaws.com/${accountId}/${given.name}`;
    return { id: url, state: { ...arnOf("sqs", (name) => name)(given, place).state, url } };
  },
  "aws:sqs/queuePolicy:QueuePolicy": nothing,
  "command:local:Command": nothing,
  // What the SST program does itself when it deploys.
  "pulumi-nodejs:dynamic:Resource": nothing,
  "random:index/randomBytes:RandomBytes": () => ({
    id: "random",
    state: { base64: Buffer.alloc(32).toString("base64") },
  }),
};

/** The field that names a resource, where it is not `name`. */
const NAMED_BY: Readonly<Record<string, string>> = {
  "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
  "aws:s3/bucket:Bucket": "bucket",
};

/**
 * @returns what AWS would say of it, by the name that it was given.
 * @throws Error for a type that the harness has not been told of, and for a name left to Pulumi.
 */
export function physicalOf({ type, name: key, inputs, id: read }: MockedResource, place: Place): Physical {
  // Components of SST and Pulumi's providers have nothing at AWS.
  if (type.startsWith("sst:") || type.startsWith("pulumi:")) return { id: key, state: inputs };
  const describe = TYPES[type];
  if (describe === undefined) throw new Error(`test/infra/synth/physical.ts does not know ${type} (${key})`);
  // What is only read has its name already, whatever SST puts among its properties.
  const name = read || inputs[NAMED_BY[type] ?? "name"];
  const { id, state } = describe({ name: typeof name === "string" ? name : key, key }, place);
  return { id, state: { ...inputs, ...state } };
}
