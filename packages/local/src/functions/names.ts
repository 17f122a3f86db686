import { ACCOUNT_ID } from "../contract.ts";

const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

export function functionArn(name: string, region: string): string {
  if (!NAME.test(name)) throw new Error(`not a function name: ${name}`);
  return `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
}

/**
 * The name in any form that Lambda's API takes: a name, a partial ARN (account:function:name) or an ARN, with or without
 * the version $LATEST. Undefined for what cannot be here: another account, region or version.
 */
export function functionName(nameOrArn: string, region: string): string | undefined {
  const form = new RegExp(
    `^(?:(?:arn:aws:lambda:${region}:)?${ACCOUNT_ID}:function:|function:)?([a-zA-Z0-9-_]{1,64})(?::\\$LATEST)?$`,
  );
  return form.exec(nameOrArn)?.[1];
}
