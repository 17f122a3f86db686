import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { customersTable } from "@crossfade/legacy";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";

let server: LedgerFixture;
beforeAll(async () => {
  server = await startLedger();
  await server.createTable("customers", "customerId");
});
afterAll(() => server.close());

it("a customer without a row is in good standing; a row that says something else than it may is no answer", async () => {
  const rows = [
    { customerId: "cust-good", standing: "good", name: "Aino" },
    { customerId: "cust-blocked", standing: "blocked" },
    { customerId: "cust-odd", standing: "maybe" },
  ];
  for (const Item of rows) await server.client.send(new PutCommand({ TableName: "customers", Item }));
  const customers = customersTable(server.client, "customers");
  expect(await customers.standingOf("cust-new")).toBe("good");
  expect(await customers.standingOf("cust-good")).toBe("good");
  expect(await customers.standingOf("cust-blocked")).toBe("blocked");
  await expect(customers.standingOf("cust-odd")).rejects.toThrow();
});
