import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { OrderInput } from "@crossfade/bridge";
import { anInstantOrder } from "../support/order-runs.ts";
import type { Script } from "./deeds.ts";
import type { Scenario, Stage } from "./scenario.ts";

type Item = OrderInput["items"][number];

const CHECKED = { checks: true };
const approval = { over: 50_000, amount: 95_000 };

/** Actions of the tests' own, beside `Instant`: one fails, and one goes on for longer than Order waits for it. */
export const TEST_ACTIONS = {
  Failing: { StartAt: "Fail", States: { Fail: { Type: "Fail", Error: "Broken", Cause: "broken" } } },
  Endless: { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 15, End: true } } },
};

const ends = (output: unknown) => ({ status: "SUCCEEDED", output });
const refusedWith = (Code: string) => ends({ results: [], refusal: { Code } });
const item = (Code: string) => ends({ results: [{ status: "FAILED", Error: { Code } }] });
const ITEM_DONE = ends({ results: [{ status: "COMPLETED" }] });
const NOT_FINISHED = { status: "FAILED", error: "Crossfade.OrderNotFinished" };

type More = Partial<Pick<Scenario, "variant" | "before">>;

function scenario(what: string, order: OrderInput, script: Script, end: Scenario["ends"], more: More = {}): Scenario {
  const { orderId, executionName: name } = order;
  return { what: `Order: ${what}`, machine: "Order", orderId, name, input: order, script, ends: end, ...more };
}

/** The order with its items done by that Action. */
export const of = (action: string, order = anInstantOrder(1), given: Partial<Item> = {}): OrderInput => ({
  ...order,
  items: order.items.map((each) => ({ ...each, ...given, action })),
});

/** The request for approval as a later execution of the same order would have left it: it may not be closed by this one. */
const askedAnew = (orderId: string) => async (stage: Stage) => {
  const Item = { pk: `ORDER#${orderId}`, sk: "APPROVAL", generation: 5 };
  return stage.ledger.client.send(new PutCommand({ TableName: stage.ledger.table, Item }));
};

/** The same order has run before, under another name: its items' Actions are closed. */
const ranBefore = (input: OrderInput) => async (stage: Stage) =>
  stage.ended(await stage.play({ machine: "Order", name: `${input.executionName.slice(0, 70)}-before`, input }));

const asked = (given: Parameters<typeof anInstantOrder>[1] = {}) => anInstantOrder(1, { approval, ...given });

function again(what: string, action: string, end: Scenario["ends"], script: Script = {}, more: More = {}): Scenario {
  const order = of(action);
  return scenario(what, order, script, end, { before: ranBefore(order), ...more });
}

/** In shadow nothing of it is asked or done, whatever it would wait for. */
function shadow(what: string, script: Script, end: Scenario["ends"]): Scenario {
  const order = asked(CHECKED);
  return { ...scenario(`in shadow, ${what}`, order, script, end), input: { ...order, mode: "shadow" } };
}

const late = asked();

export const ORDER_SCENARIOS: readonly Scenario[] = [
  scenario("done", anInstantOrder(1), {}, ITEM_DONE),
  {
    ...scenario("of an unknown mode", anInstantOrder(1), {}, { status: "FAILED", error: "Crossfade.UnknownMode" }),
    input: { ...anInstantOrder(1), mode: "rehearsal" },
  },
  scenario("checked", anInstantOrder(1, CHECKED), {}, ITEM_DONE),
  scenario("refused by the first", anInstantOrder(1, CHECKED), { customer: ["refused"] }, refusedWith("REFUSED")),
  scenario("refused by the second", anInstantOrder(1, CHECKED), { availability: ["refused"] }, refusedWith("REFUSED")),
  scenario(
    "neither check answers",
    anInstantOrder(1, CHECKED),
    { customer: ["silent"], availability: ["silent"] },
    refusedWith("CHECK_NOT_DONE"),
  ),
  scenario("checked, then approved", asked(CHECKED), {}, ITEM_DONE),
  scenario("approved", asked(), {}, ITEM_DONE),
  scenario("not approved", asked(), { approval: ["refused"] }, refusedWith("APPROVAL_REFUSED")),
  scenario("nobody answers", asked(), { approval: ["silent"] }, refusedWith("APPROVAL_TIMED_OUT")),
  scenario("nobody answers, and it is asked anew", late, { approval: ["silent"] }, refusedWith("APPROVAL_TIMED_OUT"), {
    before: askedAnew(late.orderId),
  }),
  scenario(
    "cannot be asked for, nor its request be closed",
    asked(),
    { "sqs:sendMessage": ["throws Crossfade.Fatal"], "dynamodb:updateItem": ["silent"] },
    refusedWith("APPROVAL_NOT_ASKED"),
    { variant: "stand-ins" },
  ),
  scenario("its Action fails", of("Failing"), {}, item("ACTION_FAILED")),
  scenario("its Action does not end", of("Endless"), {}, item("ACTION_FAILED")),
  again("its Action was done before", "Instant", ITEM_DONE),
  again("its Action had failed before", "Failing", item("ACTION_CLOSED")),
  again(
    "its closed Action cannot be read",
    "Instant",
    item("ACTION_CLOSED"),
    { "aws-sdk:sfn:describeExecution": ["silent"] },
    { variant: "stand-ins" },
  ),
  scenario("the final Lambda is late", anInstantOrder(1), { finish: ["silent"] }, NOT_FINISHED),
  scenario(
    "the final Lambda is late after a refusal",
    asked(),
    { approval: ["refused"], finish: ["silent"] },
    NOT_FINISHED,
  ),
  shadow("planned", {}, ends({ status: "COMPLETED", planned: "done" })),
  shadow("the plan is late", { plan: ["silent"] }, { status: "FAILED", error: "Crossfade.OrderNotPlanned" }),
  scenario("overdue", of("Endless"), {}, { status: "TIMED_OUT" }, { variant: "overdue" }),
];
