import { RequestId, RouteType } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbOpenClaims } from "@crossfade/bridge/adapters/dynamodb-open-claims";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim } from "./support/samples.ts";

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await startLedger();
});
afterAll(() => ledger.close());

it("counts the claims in flight of one route by path, and says when there are too many of them to be counted", async () => {
  const claims = new DynamoDbClaims(ledger.client, ledger.table);
  const open = new DynamoDbOpenClaims(ledger.client, ledger.table);
  const claim = (path: "legacy" | "order", id: string) => {
    const { pinKey: _, ...rest } = aClaim(path);
    return claims.claim({ ...rest, requestId: RequestId.parse(id) });
  };
  const one = aClaim("legacy");
  expect(await open.count(one.route, 10)).toEqual({ legacy: 0, order: 0 });
  for (const id of ["a", "b", "c"]) await claim("legacy", id);
  for (const id of ["d", "e"]) await claim("order", id);
  await claims.endLegacy(
    { route: one.route, requestId: RequestId.parse("a") },
    { status: "COMPLETED", effects: [] },
    {},
    1,
  );
  expect(await open.count(one.route, 10)).toEqual({ legacy: 2, order: 2 });
  expect(await open.count(one.route, 4)).toEqual({ legacy: 2, order: 2 });
  expect(await open.count(one.route, 3)).toBeUndefined();
  expect(await open.count(RouteType.parse("ANOTHER_ROUTE"), 10)).toEqual({ legacy: 0, order: 0 });
});
