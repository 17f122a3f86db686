import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { ACCOUNT_ID, type FunctionDescription, type FunctionRegistry } from "../contract.ts";
import type { ManagedMapping } from "../mappings/managed.ts";
import type { MappingRegistry } from "../mappings/registry.ts";
import type { AsyncInvocations } from "./async-invocations.ts";
import { functionNotFound, notFound } from "./errors.ts";

/** What the API's actions work on. */
export interface World {
  readonly region: string;
  readonly functions: FunctionRegistry;
  readonly events: AsyncInvocations;
  readonly mappings: MappingRegistry;
  /** For looking at sources. */
  readonly sqs: SQSClient;
  readonly streams: DynamoDBStreamsClient;
}

/** Throws ResourceNotFoundException. */
export function mustFindFunction(world: World, nameOrArn: string): FunctionDescription {
  const found = world.functions.find(nameOrArn);
  if (found !== undefined) return found;
  const isArn = nameOrArn.startsWith("arn:");
  throw functionNotFound(isArn ? nameOrArn : `arn:aws:lambda:${world.region}:${ACCOUNT_ID}:function:${nameOrArn}`);
}

/** Throws ResourceNotFoundException. */
export function mustFindMapping(world: World, uuid: string): ManagedMapping {
  const found = world.mappings.find(uuid);
  if (found === undefined) throw notFound(`There is no event source mapping ${uuid}.`);
  return found;
}
