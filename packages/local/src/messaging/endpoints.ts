import { ACCOUNT_ID } from "../contract.ts";

/**
 * fauxqs delivers to queues only. A subscription of a function is therefore kept there as one of a queue that stands for
 * the function, and every request and answer says the one for the other: its ARN, filters, attributes and removal are
 * those of an ordinary subscription.
 */
const PREFIX = "sns-to-lambda--";

const FUNCTION = /^arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:([a-zA-Z0-9-_]{1,64})$/;
/** Protocol and endpoint as they stand in the answers, in a list and as attributes. */
const STAND_IN = new RegExp(
  `(<Protocol>|<key>Protocol</key><value>)sqs(<[\\s\\S]{1,80}?)arn:aws:sqs:([a-z0-9-]+):(\\d{12}):${PREFIX}([a-zA-Z0-9-_]+)<`,
  "g",
);

/** The function's name; undefined for what is no function of this account and region. */
export function subscribedFunction(endpoint: string, region: string): string | undefined {
  const [, ofRegion, account, name] = FUNCTION.exec(endpoint) ?? [];
  return ofRegion === region && account === ACCOUNT_ID ? name : undefined;
}

export const standInName = (functionName: string) => `${PREFIX}${functionName}`;
export const standInArn = (functionName: string, region: string) =>
  `arn:aws:sqs:${region}:${ACCOUNT_ID}:${standInName(functionName)}`;
export const isStandIn = (queueUrl: string) => queueUrl.split("/").at(-1)?.startsWith(PREFIX) === true;

/** An answer in which functions stand again where queues stood for them. */
export function withFunctions(xml: string): string {
  return xml.replaceAll(STAND_IN, "$1lambda$2arn:aws:lambda:$3:$4:function:$5<");
}
