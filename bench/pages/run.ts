import { writeFile } from "node:fs/promises";
import { createApi, tokenVerifier } from "@crossfade/api";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { RouteDetail } from "@crossfade/bridge/console";
import { composeConsole } from "@crossfade/functions/compose-console";
import { provideEnv } from "@crossfade/functions/env";
import { type Dashboard, LOCAL_ACCESS, serveDashboard } from "@crossfade/local/dashboard";
import { startDynamoDb } from "@crossfade/local/dynamodb";
import { createLedger } from "@crossfade/local/ledger";
import { Command } from "commander";
import { MOST_MS, type Page, type Times, table, timesOf } from "./results.ts";
import { seedLedger } from "./seed.ts";

const LEDGER = "bench-ledger";
const REGION = "eu-west-1";
const ROUTE = "REGISTER_DOMAIN";

/** Calls of each page before it is measured, and while it is. */
const WARM_UP = 20;
const LOOKS = 200;

/** The servers that no page of these asks are named all the same: the composition wants to know them. */
const ELSEWHERE = {
  TRACKING_TABLE: "bench-tracking",
  ORDER_STATE_MACHINE_ARN: `arn:aws:states:${REGION}:000000000000:stateMachine:bench-Order`,
  DEAD_LETTERS: JSON.stringify({
    url: "http://127.0.0.1:1",
    arn: `arn:aws:sqs:${REGION}:000000000000`,
    queues: {},
    intakes: [],
  }),
};

/** So that the limit of a person's requests is not what is measured. */
const NO_LIMIT = { burst: 1_000_000, perSecond: 1_000_000 };

/** The pages that read the ledger, as the dashboard asks for them. */
async function pagesOf(ask: (path: string) => Promise<unknown>): Promise<readonly Page[]> {
  const { differences } = RouteDetail.parse(await ask(`/routes/${ROUTE}?hours=24`));
  const [group] = differences;
  if (group === undefined) throw new Error("the ledger has no difference to look at");
  return [
    { name: "Overview, a day", path: "/overview?hours=24" },
    { name: "Overview, two weeks", path: "/overview?hours=336" },
    { name: "Route, a day", path: `/routes/${ROUTE}?hours=24` },
    { name: "Route, two weeks", path: `/routes/${ROUTE}?hours=336` },
    { name: "Mismatches, a page", path: `/routes/${ROUTE}/verdicts?verdict=mismatch&limit=50` },
    { name: "A difference", path: `/routes/${ROUTE}/differences/${group.against}/${group.id}` },
    { name: "Audit, a page", path: `/routes/${ROUTE}/audit` },
    { name: "Guard", path: `/routes/${ROUTE}/guard` },
  ];
}

function serve(): Promise<Dashboard> {
  return serveDashboard({
    api: ({ origin, issuer }) =>
      createApi({
        console: composeConsole(),
        verify: tokenVerifier({ issuer: issuer.url, ...LOCAL_ACCESS }),
        origin,
        addressOf: () => "127.0.0.1",
        tell: (request, error) => console.error(request, error),
        now: () => Date.now(),
        limits: { subject: NO_LIMIT, address: NO_LIMIT },
      }),
  });
}

/** Every page over HTTP, token and schemas included, one call after the other. */
async function measure(): Promise<ReadonlyMap<string, Times>> {
  const dashboard = await serve();
  try {
    const headers = { Authorization: `Bearer ${await dashboard.issuer.issue("operator")}` };
    const ask = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${dashboard.origin}/api${path}`, { headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    };
    const times = new Map<string, Times>();
    for (const { name, path } of await pagesOf(ask)) {
      for (let n = 0; n < WARM_UP; n++) await ask(path);
      const taken: number[] = [];
      for (let n = 0; n < LOOKS; n++) {
        const begun = performance.now();
        await ask(path);
        taken.push(performance.now() - begun);
      }
      times.set(name, timesOf(taken));
    }
    return times;
  } finally {
    await dashboard.close();
  }
}

async function withLedger<T>(claims: number, use: (client: Documents) => Promise<T>): Promise<T> {
  const server = await startDynamoDb();
  const access = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_REGION: REGION };
  provideEnv({ ...access, AWS_ENDPOINT_URL_DYNAMODB: server.endpoint, LEDGER_TABLE: LEDGER, ...ELSEWHERE });
  await createLedger(server.endpoint, REGION, LEDGER);
  const client = documents();
  try {
    const begun = Date.now();
    await seedLedger(client, LEDGER, claims, (written) => {
      const rate = Math.round(written / ((Date.now() - begun) / 1_000));
      if (written % 100_000 === 0) console.error(`${written} of ${claims} claims, ${rate} a second`);
    });
    return await use(client);
  } finally {
    client.destroy();
    await server.close();
  }
}

const { claims, out } = new Command("bench:pages")
  .description("How long the API takes for each page, with a small ledger and with a large one, side by side.")
  .option("--claims <number>", "claims of the large ledger; the small one has a thousand", Number, 1_000_000)
  .option("--out <file>", "also write the table into this file")
  .parse()
  .opts<{ claims: number; out?: string }>();

const small = await withLedger(1_000, measure);
const large = await withLedger(claims, measure);
const text = table(claims, small, large);
process.stdout.write(text);
if (out !== undefined) await writeFile(out, text);
const slow = [...large].filter(([, { p95 }]) => p95 >= MOST_MS).map(([name]) => name);
if (slow.length > 0) console.error(`${MOST_MS} ms or more at p95: ${slow.join(", ")}`);
process.exit(slow.length === 0 ? 0 : 1);
