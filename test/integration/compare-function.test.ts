import { randomUUID } from "node:crypto";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { claimKey, rejectedKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { NO_ROUTE } from "@crossfade/bridge/compare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim, done, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let counts: DynamoDbCounts;
let handler: (event: unknown) => Promise<unknown>;
const before = { ...process.env };

/** The function reads its environment when it is imported. */
beforeAll(async () => {
  ledger = await startLedger();
  counts = new DynamoDbCounts(ledger.client, ledger.table);
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL_DYNAMODB: ledger.endpoint, AWS_REGION: "eu-west-1", LEDGER_TABLE: ledger.table },
    ...{ AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
    ...{ POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" },
  });
  ({ handler } = await import("@crossfade/functions/compare"));
});
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await ledger.close();
});

let sequence = 0;

/** A record of the ledger's stream, as Lambda delivers it. */
const record = (eventName: string, key: { pk: string; sk: string }, image: object, old?: object) => ({
  eventName,
  dynamodb: {
    SequenceNumber: String(++sequence),
    ApproximateCreationDateTime: NOW / 1_000,
    Keys: marshall(key),
    NewImage: marshall({ ...key, ...image }, { removeUndefinedValues: true }),
    ...(old && { OldImage: marshall({ ...key, ...old }, { removeUndefinedValues: true }) }),
  },
});

describe("a batch of the ledger's stream", () => {
  it("is counted; what cannot be read, or says nothing that is counted, keeps nobody waiting", async () => {
    const claim = aClaim("legacy");
    const ended = { ...claim, endedAt: NOW + 1_000, legacyOutcome: done };
    const { route } = claim;
    const refused = rejectedKey(randomUUID());
    const Records = [
      record("INSERT", claimKey(claim), { ...claim, inFlight: route }),
      record("INSERT", claimKey(aClaim("legacy")), { route, path: "elsewhere" }),
      record("MODIFY", claimKey(claim), { ...claim, forwardedAt: NOW }, claim),
      record("MODIFY", claimKey(claim), ended, claim),
      record("INSERT", refused, { route: NO_ROUTE, at: NOW }),
      record("INSERT", { ...refused, sk: "COUNTED" }, {}),
      record("INSERT", { pk: `COUNT#${route}`, sk: "TOTAL" }, { "claimed.legacy": 5 }),
      {
        ...record("REMOVE", claimKey(claim), {}),
        dynamodb: { ...record("REMOVE", claimKey(claim), {}).dynamodb, NewImage: undefined },
      },
    ];
    for (const batch of [Records, Records, Records.slice(3)]) {
      expect(await handler({ Records: batch })).toEqual({ batchItemFailures: [] });
    }
    expect(await counts.total(route)).toEqual({ "claimed.legacy": 1, "ended.legacy.COMPLETED": 1 });
    expect(await counts.total(NO_ROUTE)).toEqual({ rejected: 1 });
  });

  it("that cannot be counted now comes again as a whole", async () => {
    const Records = [aClaim("order"), aClaim("order")].map((claim) => record("INSERT", claimKey(claim), claim));
    await ledger.client.send(new DeleteTableCommand({ TableName: ledger.table }));
    expect(await handler({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb.SequenceNumber }],
    });
  });
});
