import { Command, InvalidArgumentError } from "commander";
import { startCloud } from "./index.ts";

const LAST_BASE = 65_530;

function portBase(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= LAST_BASE) return port;
  throw new InvalidArgumentError(`give a whole number from 1024 to ${LAST_BASE}`);
}

const program = new Command("npm run cloud --")
  .description(
    "Serves the embedded cloud on this machine: SNS, SQS, S3, DynamoDB, Step Functions, EventBridge, Lambda and STS.",
  )
  .option("--port-base <n>", "first of five ports (default: any free ones)", portBase)
  .option("--json", "print the endpoints as one JSON object")
  .addHelpText("after", "\nAny AWS client can use it: set the printed variables in its environment.\nCtrl-C ends it.")
  .configureOutput({
    outputError: (text, write) => write(`${text.trim().replaceAll(/\s+/g, " ")}; see npm run cloud -- --help\n`),
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<{ portBase?: number; json?: true }>();
const cloud = await startCloud(options.portBase === undefined ? {} : { portBase: options.portBase }).catch(
  (error: unknown) => {
    console.error(`error: the cloud cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);

let closing = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (closing) return;
    closing = true;
    void cloud.close().then(() => process.exit(0));
  });
}

if (options.json) {
  console.log(JSON.stringify({ endpoints: cloud.endpoints, env: cloud.env }));
} else {
  // The endpoints are comments, so that a shell can read the whole output as it is.
  const endpoints = Object.entries(cloud.endpoints).map(([name, endpoint]) => `# ${name.padEnd(8)} ${endpoint}`);
  const variables = Object.entries(cloud.env).map(([name, value]) => `export ${name}=${value}`);
  console.log([...endpoints, ...variables].join("\n"));
}
