import { pascal } from "./place.ts";
import type { Plan } from "./plan.ts";
import { ASSUMED_BY_LAMBDA, KEYS_ARE_LIKE, type Statement } from "./policy.ts";

export interface FunctionPlan {
  readonly name: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly permissions: readonly Statement[];
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
}

/** How the functions of a migration are built. */
export interface Building {
  /** From the folder of sst.config.ts to the root of the repository, where it is another folder: `../../`. */
  readonly root?: string;
  /** Conditions of package.json under which another migration's contract is found in the place of packages/legacy. */
  readonly conditions?: string[];
}

const LOG_DAYS = 90;

/**
 * A function with a role and a log group of its own. SST's logging is off: the policy that it would attach is AWS's, and
 * lets a function write to every log of the account.
 */
export function lambda({ place }: Plan, { root = "", conditions }: Building, fn: FunctionPlan): sst.aws.Function {
  const { name, handler, timeoutSeconds, permissions, environment } = fn;
  const logicalName = pascal(name);
  const log = new aws.cloudwatch.LogGroup(logicalName, {
    name: `/aws/lambda/${place.name(name)}`,
    retentionInDays: LOG_DAYS,
  });
  const streams = { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${log.arn}:*`] };
  return new sst.aws.Function(logicalName, {
    name: place.name(name),
    handler: `${root}${handler}`,
    runtime: "nodejs24.x",
    architecture: "arm64",
    memory: "1024 MB",
    timeout: `${timeoutSeconds} seconds`,
    nodejs: { minify: true, sourcemap: true, ...(conditions && { esbuild: { conditions } }) },
    environment: { ...environment },
    permissions: [
      ...permissions.map(({ actions, resources, keys }) => ({
        ...{ actions: [...actions], resources: [...resources] },
        ...(keys && { conditions: [{ ...KEYS_ARE_LIKE, values: [...keys] }] }),
      })),
      streams,
    ],
    logging: false,
    transform: {
      role: (args) => {
        args.name = place.name(name);
        // SST's own would also let everybody in who may take on roles of the account.
        args.assumeRolePolicy = ASSUMED_BY_LAMBDA;
      },
      function: (args) => {
        args.loggingConfig = { logFormat: "Text", logGroup: log.name };
      },
    },
  });
}
