import type { LEDGER_SCHEMA } from "@crossfade/bridge/adapters/dynamodb-keys";
import type { DeploymentConfig, QueueNames } from "@crossfade/bridge/deployment";

type LedgerIndex = keyof typeof LEDGER_SCHEMA.indexes;

/**
 * The name and the ARN of everything that a deployment consists of. All follow from migration, stage and account, so that
 * what refers to each other needs no order: functions name Order, whose definition names functions.
 */
export interface Place {
  /** `<migration>-<stage>`; every name begins with it. */
  readonly prefix: string;
  readonly accountId: string;
  readonly region: string;
  /** Tables, bucket and queues outlive the deployment. */
  readonly retain: boolean;
  /** The stem of a state machine's ARN: `arn:aws:states:<region>:<account>`. */
  readonly statesArn: string;
  readonly ledger: { readonly name: string; readonly arn: string; indexArn(name: LedgerIndex): string };
  readonly bucket: { readonly name: string; readonly arn: string };
  /** Where the functions' own metrics stand in CloudWatch. */
  readonly metricsNamespace: string;
  name(what: string): string;
  queue(what: string): QueueNames;
  functionArn(name: string): string;
  machineArn(name: string): string;
  /** All executions of a machine: their names follow from messages that nobody has sent yet. */
  executionsArn(name: string): string;
  activityArn(name: string): string;
  ruleArn(name: string): string;
}

export function placeOf(migration: string, stage: string, config: DeploymentConfig): Place {
  const { accountId, region, retain } = config;
  const prefix = `${migration}-${stage}`;
  const name = (what: string) => `${prefix}-${what}`;
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${accountId}:${resource}`;
  const ledgerArn = arn("dynamodb", `table/${name("ledger")}`);
  // The names of buckets are shared by all accounts.
  const bucket = `${name("payloads")}-${accountId}-${region}`;
  return {
    prefix,
    accountId,
    region,
    retain,
    statesArn: `arn:aws:states:${region}:${accountId}`,
    ledger: { name: name("ledger"), arn: ledgerArn, indexArn: (index) => `${ledgerArn}/index/${index}` },
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    metricsNamespace: `Crossfade/${prefix}`,
    name,
    queue: (what) => ({
      queueUrl: `https://sqs.${region}.amazonaws.com/${accountId}/${name(what)}`,
      queueArn: arn("sqs", name(what)),
    }),
    functionArn: (what) => arn("lambda", `function:${name(what)}`),
    machineArn: (what) => arn("states", `stateMachine:${name(what)}`),
    executionsArn: (what) => arn("states", `execution:${name(what)}:*`),
    activityArn: (what) => arn("states", `activity:${name(what)}`),
    ruleArn: (what) => arn("events", `rule/${name(what)}`),
  };
}

/** `delegate-dead-letters` as the name of a component. */
export const pascal = (name: string): string =>
  name.replaceAll(/(^|-)(\w)/g, (_, _dash: string, letter: string) => letter.toUpperCase());
