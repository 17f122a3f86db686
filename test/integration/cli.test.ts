import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ExecutionName, listApprovals, OrderId, RequestId, RouteType } from "@crossfade/bridge";
import { composeApprovalList } from "@crossfade/functions/compose";
import { registryAvailability, ShopOrder } from "@crossfade/legacy";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { eventually } from "./support/eventually.ts";
import { type Ran, ROOT } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

const OVER = 60_000;

let folder: string;
let registry: SimulatedRegistry;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "crossfade-cli-test-"));
  registry = await startSimulatedRegistry({ takenRate: 0 });
  world = await startWorld({ registryUrl: registry.url });
});
afterAll(async () => {
  await world.close();
  await Promise.all([registry.stop(), rm(folder, { recursive: true })]);
});

/** Stands in for the environment that a new terminal has. */
const NOTHING = Object.fromEntries(
  ["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN", "TOKEN_KEY"].map((name) => [name, undefined]),
);

const anOrder = (amount: number, given: Readonly<Record<string, unknown>> = {}) => ({
  orderId: randomUUID(),
  customerId: "cust-1",
  payment: { authorisationId: `auth-${randomUUID()}`, amount },
  items: [
    {
      ...{ itemId: "item-1", requestId: randomUUID(), price: amount, action: "RegisterDomain" },
      input: {
        ...{ domain: `${randomUUID()}.fi`, years: 1, nameServers: ["ns1.example.fi", "ns2.example.fi"] },
        registrant: { name: "Aino Aalto", email: "aino@example.fi", country: "FI" },
      },
    },
  ],
  ...given,
});

async function fileOf(content: unknown): Promise<string> {
  const file = path.join(folder, `${randomUUID()}.json`);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** An order that was submitted, is over the threshold, and whose request for approval stands in the list. */
async function waiting(): Promise<{ orderId: string; requestId: string }> {
  const order = anOrder(OVER);
  expect((await crossfade(`order submit ${await fileOf(order)}`)).code).toBe(0);
  await eventually("the request to be recorded", async () => {
    const { entries } = await listApprovals(composeApprovalList(), 1_000);
    return entries.find(({ question }) => question.orderId === order.orderId);
  });
  return { orderId: order.orderId, requestId: order.items[0]?.requestId ?? "" };
}

/** One line that says what is wrong, and nothing on stdout. */
function expectError(ran: Ran, code: number, says: string | RegExp): void {
  expect(ran.stderr).toMatch(says);
  expect(ran.stderr).toMatch(/^error: /);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
  expect(ran.stderr).not.toMatch(/\n {4}at /);
}

const Submitted = z.strictObject({ orderId: OrderId, executionName: ExecutionName });

describe("crossfade order submit", () => {
  it("places the order and prints its ids, once however often it is submitted", async () => {
    const order = anOrder(1_290);
    const file = await fileOf(order);
    const first = await crossfade(`order submit ${file} --json`);
    expect(first.code, first.stderr).toBe(0);
    const submitted = Submitted.parse(JSON.parse(first.stdout));
    expect(submitted.orderId).toBe(order.orderId);
    expect((await crossfade(`order submit ${file} --json`)).stdout).toBe(first.stdout);
    expect(await world.executionsNamed(submitted.executionName)).toBe(1);
    const plain = await crossfade(`order submit ${file}`);
    expect(plain.stdout).toContain(submitted.executionName);
    expect(plain.stdout).not.toContain("\u001b");
  });

  it("takes the example, of which the demonstration's registry holds no domain", async () => {
    const example = ShopOrder.parse(JSON.parse(await readFile(path.join(ROOT, "examples/order.json"), "utf8")));
    expect(example.items).toHaveLength(3);
    const demonstration = await startSimulatedRegistry({ seed: 1 });
    const domains = example.items.map(({ input }) => input.domain);
    expect(await registryAvailability(demonstration).taken(domains)).toEqual([]);
    await demonstration.stop();
  });

  it("is a conflict when the id stands for another order, or an item for another's", async () => {
    const order = anOrder(1_290);
    await crossfade(`order submit ${await fileOf(order)}`);
    const other = { ...anOrder(1_290), orderId: order.orderId };
    expectError(
      await crossfade(`order submit ${await fileOf(other)}`),
      3,
      "orderId: the same id stands for another order",
    );
    const thief = { ...anOrder(1_290), items: order.items };
    expectError(await crossfade(`order submit ${await fileOf(thief)}`), 3, "items.requestId");
  });

  const item = anOrder(1_290).items[0];
  it.each([
    ["a file that is not there", undefined, "cannot be read"],
    ["text that is not JSON", "{", "is not JSON"],
    ["a list", "[]", /order: .*expected object/],
    ["an order id that is no UUID", anOrder(1, { orderId: "one" }), /orderId: /],
    ["a customer that is none", anOrder(1, { customerId: "Aino" }), "customerId: a customer id must be cust-"],
    ["no item", anOrder(1, { items: [] }), "items: an order has an item"],
    ["a field that is unknown", anOrder(1, { coupon: "x" }), "coupon: "],
    ["an unknown action", anOrder(1, { items: [{ ...item, action: "Sell" }] }), "items.0.action: "],
    [
      "a domain that is none",
      anOrder(1, { items: [{ ...item, input: { ...item?.input, domain: "-" } }] }),
      "items.0.input.domain: a domain name must be",
    ],
    [
      "prices over what was authorised",
      anOrder(1, { items: [{ ...item, price: 2 }] }),
      "payment.amount: the prices of the items",
    ],
    ["the same item twice", anOrder(2_580, { items: [item, item] }), "items: item ids must be unique"],
  ])("refuses %s by field and rule, and writes nothing", async (_, content, says) => {
    const file = content === undefined ? path.join(folder, "no-such-file.json") : await fileOf(content);
    expectError(
      await crossfade(`order submit ${file}`, { env: { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" } }),
      2,
      says,
    );
  });
});

describe("crossfade approvals", () => {
  it("lists what waits, as a table and as JSON, without the token", async () => {
    const { orderId } = await waiting();
    const shown = await crossfade("approvals list");
    expect(shown.stdout).toMatch(/^ORDER +AMOUNT +OVER +ITEMS +ASKED +STATE\n/);
    expect(shown.stdout).toMatch(new RegExp(`${orderId} +60000 +50000 +1  .*Z  waits\n`));
    const { stdout } = await crossfade("approvals list --json");
    expect(stdout.trim().split("\n")).toHaveLength(1);
    const mine = z
      .array(z.looseObject({ orderId: z.string() }))
      .parse(JSON.parse(stdout))
      .find((one) => one.orderId === orderId);
    expect(mine).toMatchObject({ amount: OVER, over: 50_000, items: 1, attempt: { generation: 0, retry: 0 } });
    expect(stdout.toLowerCase()).not.toContain("token");
  });

  it("approves: the order goes on, and leaves the list; the same again is fine, another answer is a conflict", async () => {
    const { orderId } = await waiting();
    const approved = await crossfade(`approvals approve ${orderId} --reason "known customer" --by Aino`);
    expect(approved).toMatchObject({ code: 0, stdout: `order ${orderId} is approved by Aino: known customer\n` });
    expect((await crossfade(`approvals approve ${orderId} --reason again --by Helmi`)).stdout).toContain("by Aino");
    const refused = await crossfade(`approvals refuse ${orderId} --reason "too late"`);
    expectError(refused, 3, /was approved by Aino at 20.*Z: known customer; that stands/);
    expect((await crossfade("approvals list")).stdout).not.toContain(orderId);
  });

  it("refuses: the order's rows say so", async () => {
    const { orderId, requestId } = await waiting();
    const refused = await crossfade(`approvals refuse ${orderId} --reason "too much"`);
    expect(refused.code, refused.stderr).toBe(0);
    expect(refused.stdout).toMatch(/is refused by .+: too much/);
    const key = { route: RouteType.parse("REGISTER_DOMAIN"), requestId: RequestId.parse(requestId) };
    await eventually("the item to end", async () => (await world.claims.read(key))?.endedAt);
    expect(await world.tracking.read(key)).toMatchObject({ status: "FAILED", errorCode: "APPROVAL_REFUSED" });
  });

  it("says what is wrong with an answer", async () => {
    const unknown = randomUUID();
    expectError(
      await crossfade(`approvals approve ${unknown} --reason x`),
      2,
      `no request of order ${unknown} is known`,
    );
    expectError(await crossfade("approvals approve nonsense --reason x"), 2, "orderId: must be a UUID");
    expectError(await crossfade(`approvals refuse ${unknown}`), 2, "required option '--reason <text>'");
    expectError(await crossfade(`approvals refuse ${unknown} --reason " "`), 2, "--reason: ");
  });

  it("with another key than that of the functions tells nobody, and says so", async () => {
    const { orderId } = await waiting();
    const TOKEN_KEY = Buffer.alloc(32, 7).toString("base64");
    expectError(
      await crossfade(`approvals approve ${orderId} --reason x`, { env: { TOKEN_KEY } }),
      2,
      "TOKEN_UNREADABLE",
    );
    expect((await crossfade("approvals list")).stdout).toMatch(new RegExp(`${orderId} .*approved by .*, not told yet`));
    expect((await crossfade(`approvals approve ${orderId} --reason x`)).code).toBe(0);
  });
});

describe("crossfade", () => {
  it.each([
    ["approvals list", "LEDGER_TABLE is missing"],
    [
      `approvals approve ${randomUUID()} --reason x`,
      "LEDGER_TABLE is missing; ORDER_STATE_MACHINE_ARN is missing; TOKEN_KEY is missing",
    ],
    [
      "order submit examples/order.json",
      "LEDGER_TABLE is missing; TRACKING_TABLE is missing; ORDER_STATE_MACHINE_ARN is missing",
    ],
  ])("%s names what is missing and what to do", async (line, says) => {
    const ran = await crossfade(line, { env: NOTHING });
    expectError(ran, 2, says);
    expect(ran.stderr).toContain("What to do: ");
  });

  it("does not take a key of another length", async () => {
    const ran = await crossfade(`approvals approve ${randomUUID()} --reason x`, { env: { TOKEN_KEY: "c2hvcnQ=" } });
    expectError(ran, 2, "TOKEN_KEY: must be 32 bytes in base64");
    expect(ran.stderr).not.toContain("c2hvcnQ=");
  });

  it("fails with 1 when a dependency does", async () => {
    const nobody = { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9", AWS_MAX_ATTEMPTS: "1" };
    expectError(await crossfade("approvals list", { env: nobody }), 1, /a dependency failed: \S+/);
  });

  it.each(["", "approvals", "approvals list", "approvals approve", "approvals refuse", "order", "order submit"])(
    "%s --help says what it does, without any configuration",
    async (command) => {
      const ran = await crossfade(`${command} --help`, { env: NOTHING });
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(ran.stdout).toContain("Usage: crossfade");
      if (command.includes(" ")) expect(ran.stdout).toMatch(/Examples:\n {2}crossfade .*\n/);
    },
  );

  it("does not know other commands or options", async () => {
    for (const line of ["nonsense", "approvals list --nonsense", "order submit"]) {
      expectError(await crossfade(line), 2, "--help");
    }
  });
});
