import { randomBytes, randomUUID } from "node:crypto";
import { GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import {
  type ApprovalAnswer,
  type ApprovalDeps,
  ApprovalRequest,
  type ApprovalTasks,
  answerApproval,
  listApprovals,
  recordApprovalRequest,
  TaskToken,
  type WaitEnd,
} from "@crossfade/bridge";
import { DynamoDbApprovals } from "@crossfade/bridge/adapters/dynamodb-approvals";
import { AesTokenVault } from "@crossfade/bridge/adapters/token-vault";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { Crash, Life } from "./support/mortal.ts";
import { NOW } from "./support/samples.ts";

/** Step Functions, as far as one order's wait goes: it waits for one token, and takes one answer. */
class Wait implements ApprovalTasks {
  #token: TaskToken | undefined;
  #end: WaitEnd | "waiting" = "waiting";
  readonly taken: ApprovalAnswer[] = [];

  /** The order asks, or asks anew: the token of before is waited for no more. */
  begin(): TaskToken {
    this.#end = "waiting";
    this.#token = TaskToken.parse(`readable-${randomUUID()}`);
    return this.#token;
  }

  expire(): void {
    this.#end = "expired";
    this.#token = undefined;
  }

  async answer(token: TaskToken, answer: ApprovalAnswer): Promise<boolean> {
    if (token !== this.#token) return false;
    this.#token = undefined;
    this.#end = "answered";
    this.taken.push(answer);
    return true;
  }

  async waitEnd(): Promise<WaitEnd | "waiting"> {
    return this.#end;
  }
}

let ledger: LedgerFixture;
let approvals: DynamoDbApprovals;
let wait: Wait;
let deps: ApprovalDeps;
const key = randomBytes(32);
beforeAll(async () => {
  ledger = await startLedger();
  approvals = new DynamoDbApprovals(ledger.client, ledger.table);
});
beforeEach(() => {
  wait = new Wait();
  deps = { approvals, tasks: wait, vault: new AesTokenVault(key), clock: { now: () => NOW } };
});
afterAll(() => ledger.close());

const yes = (by = "Aino"): ApprovalAnswer => ({ approved: true, by, reason: "known customer" });
const no = (by = "Eero"): ApprovalAnswer => ({ approved: false, by, reason: "too much" });

/** What Order sends; its wait has begun. */
function request(given: { orderId?: string; generation?: number; retry?: number } = {}): ApprovalRequest {
  const { orderId = randomUUID(), generation = 0, retry = 0 } = given;
  return ApprovalRequest.parse({
    ...{ orderId, executionName: `order-${orderId}`, correlationId: "c-1", amount: 95_000, over: 50_000, items: 3 },
    ...{ attempt: { generation, retry }, token: wait.begin() },
  });
}

async function recorded(): Promise<ApprovalRequest> {
  const asked = request();
  expect(await recordApprovalRequest(deps, asked, NOW)).toEqual({ kind: "asked" });
  return asked;
}

const stored = async (orderId: string) =>
  (
    await ledger.client.send(
      new GetCommand({ TableName: ledger.table, Key: { pk: `ORDER#${orderId}`, sk: "APPROVAL" } }),
    )
  ).Item;
const isOpen = async (orderId: string) =>
  (await listApprovals(deps, 1_000)).entries.some(({ question }) => question.orderId === orderId);

/** Nothing is left to do: the token is gone, and the request is no longer listed. */
async function expectOver(orderId: string, waitEnd: WaitEnd) {
  const item = await stored(orderId);
  expect(item).toMatchObject({ waitEnd });
  expect(item).not.toHaveProperty("sealedToken");
  expect(await isOpen(orderId)).toBe(false);
}

describe("a request for approval", () => {
  it("is listed by age, with what is asked; its token is readable nowhere in the table", async () => {
    const [old, young] = [request(), request()];
    await recordApprovalRequest(deps, young, NOW + 1);
    await recordApprovalRequest(deps, old, NOW);
    const { entries } = await listApprovals(deps, 1_000);
    const mine = entries.filter(({ question }) => [old.orderId, young.orderId].includes(question.orderId));
    expect(mine.map(({ question }) => question.orderId)).toEqual([old.orderId, young.orderId]);
    const { token: _, attempt, ...question } = old;
    expect(mine[0]).toMatchObject({ question, attempt, askedAt: NOW, decision: undefined });
    const { Items = [] } = await ledger.client.send(new ScanCommand({ TableName: ledger.table }));
    const everything = JSON.stringify(Items);
    for (const secret of ["readable-", Buffer.from("readable-").toString("base64")])
      expect(everything).not.toContain(secret);
  });

  it("is listed page by page", async () => {
    await Promise.all([1, 2, 3].map((at) => recordApprovalRequest(deps, request(), NOW + at)));
    const ids = new Set<string>();
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await listApprovals(deps, 2, after);
      for (const { question } of page.entries) ids.add(question.orderId);
      after = page.next;
      pages++;
    } while (after !== undefined);
    expect(pages).toBeGreaterThan(1);
    expect(ids.size).toBe((await listApprovals(deps, 1_000)).entries.length);
  });

  it("may arrive twice, also after it was answered", async () => {
    const asked = await recorded();
    expect(await recordApprovalRequest(deps, asked, NOW + 5)).toEqual({ kind: "asked" });
    expect(await stored(asked.orderId)).toMatchObject({ decidedAt: NOW });
    await answerApproval(deps, asked.orderId, yes());
    expect(await recordApprovalRequest(deps, asked, NOW + 9)).toEqual({ kind: "late" });
    await expectOver(asked.orderId, "answered");
  });

  it.each([
    ["an earlier send of the same wait", { retry: 1 }, { retry: 0 }],
    ["an earlier generation", { generation: 1 }, { generation: 0, retry: 5 }],
  ])("is not replaced by %s that comes late", async (_, newer, older) => {
    const orderId = randomUUID();
    const late = request({ orderId, ...older });
    const current = request({ orderId, ...newer });
    expect(await recordApprovalRequest(deps, current, NOW)).toEqual({ kind: "asked" });
    expect(await recordApprovalRequest(deps, late, NOW)).toEqual({ kind: "late" });
    expect(await answerApproval(deps, current.orderId, yes())).toMatchObject({ kind: "answered" });
    expect(wait.taken).toEqual([yes()]);
  });
});

describe("an answer", () => {
  it.each([
    ["approved", yes()],
    ["refused", no()],
  ])("%s is decided once, sent, and its token leaves the ledger", async (_, answer) => {
    const { orderId } = await recorded();
    const decision = { ...answer, at: NOW };
    expect(await answerApproval(deps, orderId, answer)).toEqual({ kind: "answered", decision });
    expect(wait.taken).toEqual([answer]);
    expect(await stored(orderId)).toMatchObject({ decision });
    await expectOver(orderId, "answered");
  });

  it("given again is fine, whoever gives it; another is refused and told who decided what", async () => {
    const { orderId } = await recorded();
    await answerApproval(deps, orderId, yes("Aino"));
    const decision = { ...yes("Aino"), at: NOW };
    expect(await answerApproval(deps, orderId, yes("Helmi"))).toEqual({ kind: "answered", decision });
    expect(await answerApproval(deps, orderId, no())).toEqual({ kind: "decided-otherwise", decision });
    expect(wait.taken).toEqual([yes("Aino")]);
  });

  it("of two people at once: one wins, and Order hears the winner alone", async () => {
    for (let round = 0; round < 20; round++) {
      wait = new Wait();
      deps = { ...deps, tasks: wait };
      const { orderId } = await recorded();
      const answers = [yes("Aino"), no("Eero")];
      const kinds = await Promise.all(answers.map((answer) => answerApproval(deps, orderId, answer)));
      expect(kinds.map(({ kind }) => kind).sort()).toEqual(["answered", "decided-otherwise"]);
      const winner = answers[kinds.findIndex(({ kind }) => kind === "answered")];
      expect(wait.taken).toEqual([winner]);
      for (const result of kinds) expect(result).toMatchObject({ decision: { by: winner?.by } });
      await expectOver(orderId, "answered");
    }
  });

  it("the same from two people at once: both are told that it was heard", async () => {
    const { orderId } = await recorded();
    const kinds = await Promise.all([yes("Aino"), yes("Helmi")].map((answer) => answerApproval(deps, orderId, answer)));
    expect(kinds.map(({ kind }) => kind)).toEqual(["answered", "answered"]);
    expect(wait.taken).toHaveLength(1);
  });

  it("to a wait that is over closes the request, and says so", async () => {
    const { orderId } = await recorded();
    wait.expire();
    expect(await answerApproval(deps, orderId, yes())).toEqual({ kind: "expired" });
    await expectOver(orderId, "expired");
    expect(await answerApproval(deps, orderId, no())).toEqual({ kind: "expired" });
  });

  it("to a request that nobody knows", async () => {
    expect(await answerApproval(deps, request().orderId, yes())).toEqual({ kind: "unknown" });
  });

  it("with the wrong key changes the decision of nobody: it can be sent when the key is right", async () => {
    const { orderId } = await recorded();
    const wrong = { ...deps, vault: new AesTokenVault(randomBytes(32)) };
    await expect(answerApproval(wrong, orderId, yes())).rejects.toMatchObject({ code: "TOKEN_UNREADABLE" });
    expect(await answerApproval(deps, orderId, no())).toMatchObject({ kind: "decided-otherwise" });
    expect(await answerApproval(deps, orderId, yes())).toMatchObject({ kind: "answered" });
  });
});

describe("a new token after a decision", () => {
  it.each([
    ["a redrive", { generation: 1 }],
    ["a repeated send", { retry: 1 }],
  ])("of %s is told the decision at once; nobody is asked again", async (_, attempt) => {
    const { orderId } = await recorded();
    const anew = request({ orderId, ...attempt }); // the token of before is waited for no more
    const answered = await answerApproval(deps, orderId, yes());
    expect(answered).toMatchObject({ kind: "waiting", decision: { by: "Aino" } });
    expect(wait.taken).toEqual([]);
    expect(await recordApprovalRequest(deps, anew, NOW)).toEqual({ kind: "answered" });
    expect(wait.taken).toEqual([yes()]);
    await expectOver(orderId, "answered");
  });

  it("is told it also when the wait of before had ended", async () => {
    const { orderId } = await recorded();
    await answerApproval(deps, orderId, no());
    expect(await recordApprovalRequest(deps, request({ orderId, generation: 1 }), NOW)).toEqual({ kind: "answered" });
    expect(wait.taken).toEqual([no(), no()]);
    await expectOver(orderId, "answered");
  });

  it("comes too late for a wait of its generation that has ended", async () => {
    const { orderId } = await recorded();
    wait.expire();
    await answerApproval(deps, orderId, yes());
    expect(await recordApprovalRequest(deps, request({ orderId, retry: 1 }), NOW)).toEqual({ kind: "late" });
    await expectOver(orderId, "expired");
  });
});

describe("a process that dies", () => {
  const points = ["before", "after"].flatMap((when) => [1, 2, 3, 4].map((call) => [when, call] as const));

  it.each(points)("%s call %d of answering leaves nothing that answering again does not finish", async (when, call) => {
    const { orderId } = await recorded();
    const life = new Life(call, when === "before" ? "before" : "after");
    const first = await answerApproval(life.approvalDeps(deps), orderId, yes()).catch((error: unknown) => error);
    expect(first instanceof Crash, `there are three calls, and this is ${life.crashedAt}`).toBe(call <= 3);
    expect(await answerApproval(deps, orderId, yes("Helmi"))).toMatchObject({ kind: "answered" });
    expect(wait.taken, "Order heard one answer, once").toHaveLength(1);
    await expectOver(orderId, "answered");
  });

  it.each(points)("%s call %d of telling a decision to a new token: the message comes again", async (when, call) => {
    const { orderId } = await recorded();
    await answerApproval(deps, orderId, yes());
    const anew = request({ orderId, generation: 1 });
    const life = new Life(call, when === "before" ? "before" : "after");
    const first = await recordApprovalRequest(life.approvalDeps(deps), anew, NOW).catch((error: unknown) => error);
    expect(first instanceof Crash).toBe(call <= 3);
    await recordApprovalRequest(deps, anew, NOW);
    expect(wait.taken).toEqual([yes(), yes()]);
    await expectOver(orderId, "answered");
  });
});

describe("the ledger's own conditions", () => {
  const first = { generation: 0, retry: 0 };
  const record = ({ token: _, attempt, ...question }: ApprovalRequest, at = NOW) =>
    approvals.record(question, attempt, "sealed", at);

  it("keep a decision out once the wait has ended, so that a redrive asks anew", async () => {
    const asked = request();
    await record(asked);
    await approvals.end(asked.orderId, first, "expired");
    expect(await approvals.decide(asked.orderId, { ...yes(), at: NOW })).toMatchObject({ decision: undefined });
    const again = await record(request({ orderId: asked.orderId, generation: 1 }), NOW + 9);
    expect(again).toMatchObject({ waitEnd: undefined, decision: undefined, askedAt: NOW });
    expect(await approvals.decide(asked.orderId, { ...no(), at: NOW })).toMatchObject({ decision: no() });
  });

  it.each([{ retry: 1 }, { generation: 1 }])("keep the end of an older attempt from a newer one: %j", async (newer) => {
    const asked = request();
    await record(asked);
    await record(request({ orderId: asked.orderId, ...newer }));
    await approvals.end(asked.orderId, first, "expired");
    expect(await stored(asked.orderId)).toMatchObject({ sealedToken: "sealed" });
    expect(await isOpen(asked.orderId)).toBe(true);
  });
});
