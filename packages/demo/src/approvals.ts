import { setTimeout as pause } from "node:timers/promises";
import { answerApproval, type ExecutionName, listApprovals, type OrderId } from "@crossfade/bridge";
import { composeApprovals } from "@crossfade/functions/compose";
import { place } from "./direct-orders.ts";
import type { Progress } from "./progress.ts";
import type { World } from "./world.ts";

/** In cents: three of these are over the threshold of WebCat's registrations. */
const PRICE = 20_000;
/** Milliseconds between two looks at the requests, and after which nobody looks any more. */
const EVERY = 200;
const WITHIN = 60_000;

const ANSWERS = [
  { name: "approved", answer: { approved: true, by: "Aino", reason: "a customer we know" } },
  { name: "refused", answer: { approved: false, by: "Eero", reason: "too much for a new customer" } },
  { name: "forgotten", answer: undefined },
] as const;

/** What waits for approval in this run. */
export interface Approvals {
  readonly executionNames: ReadonlySet<ExecutionName>;
  /** Resolves when the people have answered what they will. */
  readonly answered: Promise<void>;
}

/** Three orders over the threshold: people approve one and refuse one; the third they forget, and its wait runs out. */
export async function placeLargeOrders(world: World, seed: number, progress: Progress): Promise<Approvals> {
  const open = new Map<OrderId, (typeof ANSWERS)[number]["answer"]>();
  const executionNames = new Set<ExecutionName>();
  for (const { name, answer } of ANSWERS) {
    const wish = { customerId: `cust-${name}`, name: `${seed}-${name}`, domains: 3, price: PRICE };
    const { orderId, executionName } = await place(world, wish);
    executionNames.add(executionName);
    open.set(orderId, answer);
  }
  progress.say("three orders over 500.00 wait for approval");
  const answered = answerAll(open, progress);
  // Whoever waits for it is told; until then a failure is nobody's.
  answered.catch(() => undefined);
  return { executionNames, answered };
}

/** People look at the list of requests, as `crossfade approvals list` shows it. */
async function answerAll(open: Map<OrderId, (typeof ANSWERS)[number]["answer"]>, progress: Progress): Promise<void> {
  const deps = composeApprovals();
  const deadline = Date.now() + WITHIN;
  while ([...open.values()].some((answer) => answer !== undefined) && Date.now() < deadline) {
    for (const { question } of (await listApprovals(deps, 100)).entries) {
      const answer = open.get(question.orderId);
      if (answer === undefined) continue;
      const { kind } = await answerApproval(deps, question.orderId, answer);
      const what = `${answer.by} ${answer.approved ? "approves" : "refuses"} an order over 500.00: ${answer.reason}`;
      progress.say(kind === "answered" ? what : `${answer.by} comes too late to an order over 500.00 (${kind})`);
      open.delete(question.orderId);
    }
    await pause(EVERY);
  }
}
