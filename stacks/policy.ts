/** Exact actions on exact ARNs. What cannot be exact stands on the list of test/infra/policies.test.ts, with its reason. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Of a table: what the partition keys of all items must be like, `*` at the end; any keys unless given. */
  readonly keys?: readonly string[] | undefined;
}

/** Who is let in by a queue's own policy. */
export interface Allowed {
  readonly actions: readonly string[];
  readonly principal: { readonly Service: string } | { readonly AWS: string };
  /** A service comes on behalf of this resource alone. */
  readonly sourceArn?: string | undefined;
}

/** Of every item that a call, or a part of a transaction, is about (DynamoDB guide, "Using IAM policy conditions"). */
export const KEYS_ARE_LIKE = { test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys" } as const;

type Written = Statement & Partial<Pick<Allowed, "principal" | "sourceArn">>;

export const policy = (statements: readonly Written[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, keys, principal, sourceArn }) => ({
      Effect: "Allow",
      ...(principal && { Principal: principal }),
      Action: actions,
      Resource: resources,
      ...(keys && { Condition: { [KEYS_ARE_LIKE.test]: { [KEYS_ARE_LIKE.variable]: keys } } }),
      ...(sourceArn && { Condition: { ArnEquals: { "aws:SourceArn": sourceArn } } }),
    })),
  });

/** Topics and rules send to a queue on their own behalf; one of another account or name is refused. */
export const mayBeSentBy = (Service: string, sourceArn: string): Allowed => ({
  actions: ["sqs:SendMessage"],
  principal: { Service },
  sourceArn,
});

const trust = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...statement }] });

/** A service takes on a role for this account alone. */
export const assumedBy = (service: string, accountId: string): string =>
  trust({ Principal: { Service: service }, Condition: { StringEquals: { "aws:SourceAccount": accountId } } });

/** Lambda alone takes on a function's role: nobody can give it a role of another account (IAM guide, "iam:PassRole"). */
export const ASSUMED_BY_LAMBDA = trust({ Principal: { Service: "lambda.amazonaws.com" } });
