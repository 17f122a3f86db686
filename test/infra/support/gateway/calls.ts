import * as z from "zod";

/** What a request asks for, in the words of IAM. `resource` undefined: the request does not say, as with a task token. */
export interface Call {
  readonly action: string;
  readonly resource: string | undefined;
  /** The partition key of an item that is put. */
  readonly key?: string | undefined;
}

/** A request of the AWS SDK, as it comes over HTTP. */
export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  /** The header x-amz-target: `<service>_<version>.<operation>`. */
  readonly target: string;
  readonly body: string;
}

const REGION = "eu-west-1";
const ACCOUNT = "000000000000";
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const tableArn = (name: string) => arn("dynamodb", `table/${name}`);

const OneTable = z.object({ TableName: z.string(), IndexName: z.string().optional() });
const ManyTables = z.object({ RequestItems: z.record(z.string(), z.unknown()) });
const Put = z.object({ Item: z.object({ pk: z.object({ S: z.string() }) }) });
const Part = z.looseObject({ TableName: z.string() });
const Transaction = z.object({ TransactItems: z.array(z.record(z.string(), Part)) });

const keyOf = (kind: string, body: unknown): Pick<Call, "key"> => {
  const put = kind === "Put" ? Put.safeParse(body) : undefined;
  return put?.success ? { key: put.data.Item.pk.S } : {};
};

/** A transaction is allowed by what is in it (DynamoDB guide, "Using IAM with DynamoDB transactions"). */
function dynamoDb(operation: string, body: unknown): readonly Call[] {
  if (operation === "TransactWriteItems") {
    return Transaction.parse(body).TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, part]) => ({
        action: `dynamodb:${kind}Item`,
        resource: tableArn(part.TableName),
        ...keyOf(kind, part),
      })),
    );
  }
  if (operation.startsWith("Batch")) {
    const tables = Object.keys(ManyTables.parse(body).RequestItems);
    return tables.map((name) => ({ action: `dynamodb:${operation}`, resource: tableArn(name) }));
  }
  const { TableName, IndexName } = OneTable.parse(body);
  const resource = IndexName === undefined ? tableArn(TableName) : `${tableArn(TableName)}/index/${IndexName}`;
  return [{ action: `dynamodb:${operation}`, resource, ...keyOf(operation.replace(/Item$/, ""), body) }];
}

const States = z.object({
  stateMachineArn: z.string().optional(),
  executionArn: z.string().optional(),
  activityArn: z.string().optional(),
});

const Queue = z.object({ QueueUrl: z.string() });

/** A batch is allowed as its parts are. */
const single = (operation: string): string => operation.replace(/Batch$/, "");

/** S3 and Lambda are told by method and path. */
function rest({ method, path }: AwsRequest): readonly Call[] | undefined {
  const [, fn] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(path) ?? [];
  if (fn !== undefined) return [{ action: "lambda:InvokeFunction", resource: decodeURIComponent(fn) }];
  const [, key] = /^\/([^/?]+\/[^?]+)/.exec(path) ?? [];
  const action = { GET: "s3:GetObject", PUT: "s3:PutObject" }[method];
  return key !== undefined && action !== undefined ? [{ action, resource: `arn:aws:s3:::${key}` }] : undefined;
}

/** @throws Error for a request that nobody has said the meaning of. */
export function callsOf(request: AwsRequest): readonly Call[] {
  const [service, operation = ""] = request.target.split(".");
  const body = (): unknown => JSON.parse(request.body);
  switch (service) {
    case "DynamoDB_20120810":
      return dynamoDb(operation, body());
    case "AWSStepFunctions": {
      const { stateMachineArn, executionArn, activityArn } = States.parse(body());
      return [{ action: `states:${operation}`, resource: stateMachineArn ?? executionArn ?? activityArn }];
    }
    case "AmazonSQS": {
      const name = Queue.parse(body()).QueueUrl.split("/").at(-1) ?? "";
      return [{ action: `sqs:${single(operation)}`, resource: arn("sqs", name) }];
    }
  }
  const form = new URLSearchParams(request.body);
  const topic = form.get("TopicArn");
  if (topic !== null) return [{ action: `sns:${single(form.get("Action") ?? "")}`, resource: topic }];
  const found = rest(request);
  if (found === undefined) throw new Error(`what does ${request.method} ${request.path} ${request.target} ask for?`);
  return found;
}
