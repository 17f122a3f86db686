import { CohortKey, initialRollout, RequestId, type Rollout, RouteType } from "@crossfade/bridge";
import type { Overview, ParityView, PathView, RouteDetail, RouteSummary } from "@crossfade/bridge/console";
import { GuardPolicy } from "@crossfade/bridge/console";
import type { ApiDeps } from "./api-deps.ts";
import type { Console } from "./console.ts";
import { createApi } from "./create-api.ts";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";

// For tests only; nothing else imports this.

export const ROUTE = RouteType.parse("RENEW_DOMAIN");
export const AT = Date.UTC(2026, 2, 2, 9);
/** Who is in the views below, and what viewers must never read. */
export const CUSTOMER = "customer-of-ours@example.com";

/** As the guard gives its reasons: numbers, and no telephone's. */
export const GUARDED =
  "roll-back from split 12.5 %: a bound is broken; errors breach: order 2000 of 10000 (20 %), legacy 200 of 10000 (2 %), " +
  "difference 18 points (16.9 to 19.1); counted since 2026-03-02T09:00:00.000Z";

const share = { count: 0, of: 0, estimate: 0, low: 0, high: 1 };
const path: PathView = { claimed: 1, ended: 1, failed: 0, refused: 0, errors: share, codes: {} };
const parity: ParityView = {
  ...{ compared: 0, matched: 0, mismatched: 0, ignored: 0, oldOnly: 0, newOnly: 0, late: 0, shadowFailed: 0 },
  ...{ mismatches: share, baseline: share, aboveBaseline: { estimate: 0, low: -1, high: 1 } },
};
const conservation = { received: 2, ended: 2, rejected: 0, inFlight: { legacy: 0, order: 0 } };
const paths = { legacy: path, order: path };

export const rollout: Rollout = { ...initialRollout(ROUTE), version: 3, include: [CohortKey.parse(CUSTOMER)] };
const summary: RouteSummary = { route: ROUTE, rollout, share: 0, parity, paths, conservation };
const overview: Overview = { at: AT, hours: 24, migration: "webcat", routes: [summary], conservation };
const detail: RouteDetail = {
  ...{ at: AT, hours: 24, summary, series: [], differences: [], noise: [] },
  standing: {
    ...({ errors: "unknown", latency: "unknown", method: "none" } as const),
    errorDifference: { estimate: 0, low: -1, high: 1 },
  },
};
const policy = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 10 }] });
const guard = {
  route: ROUTE,
  by: "someone",
  reason: `asked by ${CUSTOMER}`,
  at: AT,
  policy,
  knownVersion: 3,
  since: AT,
};
const requestId = RequestId.parse("r-1");
const queue = {
  name: "quarantine",
  queueArn: "arn:aws:sqs:eu-west-1:000000000000:quarantine",
  visible: 1,
  inFlight: 0,
};

/** Answers every question with one fixed view, in which a customer is named wherever one can be; tells what was asked. */
export function fakeConsole(asked: unknown[][] = []): Console {
  const say =
    <A extends readonly unknown[], T>(name: string, answer: T) =>
    async (...given: A): Promise<T> => {
      asked.push([name, ...given]);
      return answer;
    };
  return {
    routes: new Set([ROUTE]),
    overview: say("overview", overview),
    route: say("route", detail),
    rollout: say("rollout", rollout),
    changeRollout: say("changeRollout", rollout),
    previewRollout: say("previewRollout", {
      ...{ at: AT, next: rollout, buckets: { toOrder: 0, toLegacy: 0 } },
      cohorts: { seen: 1, toOrder: 1, toLegacy: 0, examples: [{ cohortKey: CohortKey.parse(CUSTOMER), to: "order" }] },
    }),
    pauseRollout: say("pauseRollout", rollout),
    resumeRollout: say("resumeRollout", rollout),
    verdicts: say("verdicts", { at: AT, route: ROUTE, verdict: "mismatch", requests: [] }),
    difference: say("difference", {
      at: AT,
      requests: [{ route: ROUTE, requestId, against: "legacy", verdict: "mismatch", at: AT }],
      group: {
        ...({ route: ROUTE, against: "legacy", id: "a b", kind: "changed", path: "price", count: 1 } as const),
        ...{ firstAt: AT, lastAt: AT, examples: [{ requestId, at: AT }] },
      },
    }),
    audit: say("audit", {
      ...{ at: AT, route: ROUTE },
      entries: [
        { kind: "rollout", route: ROUTE, by: "someone", reason: `${CUSTOMER} asked; ${GUARDED}`, at: AT, rollout },
      ],
    }),
    guard: say("guard", guard),
    setGuard: say("setGuard", guard),
    removeGuard: say("removeGuard", undefined),
    requestStories: say("requestStories", {
      ...{ at: AT, requestId },
      stories: [
        {
          ...{ at: AT, route: ROUTE, requestId, timeline: [], effects: [], verdicts: [] },
          claim: {
            ...({ path: "legacy", origin: "message", stage: "legacy" } as const),
            ...{ rolloutVersion: 0, bucket: 1, generation: 0, decidedAt: AT },
          },
          personal: { cohortKey: CohortKey.parse(CUSTOMER), row: { customer: CUSTOMER } },
        },
      ],
    }),
    deadLetterQueues: say("deadLetterQueues", { at: AT, queues: [queue] }),
    deadLetters: say("deadLetters", {
      ...{ at: AT, queue },
      messages: [
        { messageId: "m-1", sentAt: AT, receives: 1, bytes: 9, body: CUSTOMER, attributes: { who: CUSTOMER } },
      ],
    }),
    moveDeadLetters: say("moveDeadLetters", {
      ...{ queue: "quarantine", moved: 1, discarded: 0, uncertain: [], failed: [], left: 0, done: true },
    }),
  };
}

export const ORIGIN = "https://dashboard.example";

/** Takes the name of a role for a token of somebody who has it. */
const verifyName = async (token: string): Promise<Person> => {
  if (token === "viewer" || token === "operator") return { subject: token, name: `${token}@example.com`, role: token };
  throw new Refusal(401, { code: "TOKEN_REFUSED", message: "no" });
};

/** The API over fixed views, and what it told its log. */
export function testApi(given: Partial<ApiDeps> = {}) {
  const told: unknown[][] = [];
  const app = createApi({
    console: fakeConsole(),
    verify: verifyName,
    origin: ORIGIN,
    addressOf: () => "192.0.2.1",
    tell: (...what) => told.push(what),
    now: () => AT,
    ...given,
  });
  const call = (method: string, path: string, as?: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method,
      headers: {
        ...(as !== undefined && { Authorization: `Bearer ${as}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { app, told, call };
}
