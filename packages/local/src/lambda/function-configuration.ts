import { ACCOUNT_ID, type FunctionDescription } from "../contract.ts";

/** The shape FunctionConfiguration of the API; what the local cloud does not know is left out. */
export function functionConfiguration({ name, arn, timeoutSeconds, environment, modifiedAt }: FunctionDescription) {
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: "nodejs24.x",
    Role: `arn:aws:iam::${ACCOUNT_ID}:role/local`,
    // Whole seconds in the API; a test may have registered a part of one.
    Timeout: Math.ceil(timeoutSeconds),
    MemorySize: 1024,
    LastModified: modifiedAt.toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: environment } }),
  };
}
