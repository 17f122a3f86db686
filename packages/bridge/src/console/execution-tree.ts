import * as z from "zod";
import { nameOnly } from "../evidence.ts";
import type { ExecutionName, RequestKey } from "../ids.ts";
import { actionArn } from "../keep-evidence.ts";
import { OrderItem } from "../order.ts";
import type { ExecutionDescription, ExecutionReader, ExecutionSights } from "../ports.ts";
import type { ExecutionView } from "./views.ts";

export type TreeReader = Pick<ExecutionReader, "find"> & ExecutionSights;

/** An Order's execution, and which of its Actions worked on the request. */
export interface ExecutionTree {
  readonly execution: ExecutionView;
  /** Names of the Actions of the request, oldest generation first. */
  readonly own: readonly string[];
}

/** So many Actions of an order are looked at, the request's own among them. */
const MOST_ACTIONS = 10;
/** So many generations of the request's own Action, the newest ones. */
const GENERATIONS = 3;
/** The newest events of a history. */
const EVENTS = 20;

/** What is read of an order: where its Actions are, and nothing of what they were told to do. */
const Items = z.object({
  items: z.array(
    z.object({
      route: OrderItem.shape.route,
      requestId: OrderItem.shape.requestId,
      action: OrderItem.shape.action,
      executionName: OrderItem.shape.executionName,
    }),
  ),
});
type Item = z.infer<typeof Items>["items"][number];

function viewOf(
  description: ExecutionDescription,
  history: ExecutionView["history"],
  children: readonly ExecutionView[],
): ExecutionView {
  const { executionArn: arn, status, startedAt, stoppedAt, redriveCount } = description;
  const [, , , , , , machine = "", name = ""] = arn.split(":");
  const error = nameOnly(description.error);
  return { name, arn, machine, status, startedAt, stoppedAt, redriveCount, error, history, children };
}

async function historyOf(executions: TreeReader, arn: string): Promise<ExecutionView["history"]> {
  const entries = (await executions.history(arn, EVENTS)) ?? [];
  return entries.map(({ error, ...entry }) => ({ ...entry, error: nameOnly(error) }));
}

/** The Actions of the request itself: one for each generation in which it was begun. */
async function ownActions(executions: TreeReader, order: ExecutionDescription, item: Item): Promise<ExecutionView[]> {
  const generations = Array.from({ length: Math.min(GENERATIONS, order.redriveCount + 1) }, (_, back) => back);
  const found = await Promise.all(
    generations.reverse().map(async (back) => {
      const action = await executions.look(actionArn(order.executionArn, item, order.redriveCount - back));
      return action && viewOf(action, await historyOf(executions, action.executionArn), []);
    }),
  );
  return found.filter((view) => view !== undefined);
}

/** The Action of a neighbour, as it stands: of the newest generation, or the first. */
async function neighbour(executions: TreeReader, order: ExecutionDescription, item: Item) {
  for (const generation of new Set([order.redriveCount, 0])) {
    const action = await executions.look(actionArn(order.executionArn, item, generation));
    if (action !== undefined) return viewOf(action, [], []);
  }
  return undefined;
}

/** A plan-only order's execution: it has no Actions. At most two calls. */
export async function planTree(executions: TreeReader, name: ExecutionName): Promise<ExecutionTree | undefined> {
  const plan = await executions.find(name);
  return plan && { execution: viewOf(plan, await historyOf(executions, plan.executionArn), []), own: [] };
}

/**
 * An Order's execution and its Actions, without their payloads; undefined when Step Functions does not know it (any more).
 * At most 26 calls: two for the order, two for each of three generations of the request's own Action, and two for each of
 * nine neighbours.
 */
export async function executionTree(
  executions: TreeReader,
  name: ExecutionName,
  key: RequestKey,
): Promise<ExecutionTree | undefined> {
  const order = await executions.find(name);
  if (order === undefined) return undefined;
  const { items } = Items.parse(JSON.parse(order.input));
  const isOwn = ({ route, requestId }: Item) => route === key.route && requestId === key.requestId;
  const own = await Promise.all(items.filter(isOwn).map((item) => ownActions(executions, order, item)));
  const others = items.filter((item) => !isOwn(item)).slice(0, MOST_ACTIONS - 1);
  const neighbours = await Promise.all(others.map((item) => neighbour(executions, order, item)));
  const children = [...own.flat(), ...neighbours.filter((view) => view !== undefined)];
  return {
    execution: viewOf(order, await historyOf(executions, order.executionArn), children),
    own: own.flat().map((action) => action.name),
  };
}
