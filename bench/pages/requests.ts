import { Claim, type Outcome, shadowExecutionName } from "@crossfade/bridge";
import type { Sighting } from "@crossfade/bridge/compare";
import { webcat } from "@crossfade/legacy";

/** How far the ledger's requests reach back: 30 days, in milliseconds. */
export const SPAN = 30 * 24 * 3_600_000;

const ROUTES = [...webcat.routes.keys()];
/** So many of the newest claims have not ended: of each route more than the pages count, which is the most that they read. */
const IN_FLIGHT = 3_200;
/** One in so many plans would have done something else. */
const MISMATCHES = 500;
/** One in so many requests failed. */
const FAILURES = 50;

const outcome = (nameServers: readonly string[], price: number): Outcome => ({
  status: "COMPLETED",
  effects: [
    {
      service: "registry",
      command: "register",
      target: "example.fi",
      details: { years: 1, price, nameServers: [...nameServers] },
    },
  ],
});

const SERVERS = ["ns1.example.fi", "ns2.example.fi"];
const DEED = outcome(SERVERS, 1_290);
const REFUSED: Outcome = {
  status: "FAILED",
  effects: [],
  Error: { Code: "DOMAIN_TAKEN", Message: "the domain is taken", Retryable: false },
};
/** What wrong plans say, in turn. */
const WRONG = [outcome(SERVERS.slice(1), 1_290), outcome(SERVERS, 12.9), outcome([...SERVERS].reverse(), 1_290)];

/**
 * The n-th of many requests that were sent within 30 days: in shadow, or on the order path, most of them ended. All of it
 * follows from n.
 */
export function requestOf(n: number, of: number, now: number): Sighting {
  const route = ROUTES[n % ROUTES.length];
  if (route === undefined) throw new TypeError("the migration has no routes");
  const requestId = `request-${n}`;
  const decidedAt = Math.floor(now - SPAN + (SPAN * n) / of);
  const ended = n < of - Math.min(IN_FLIGHT, of / 2);
  const end = decidedAt + 200 + (n % 977) * 3;
  const failed = n % FAILURES === 1;
  const path = n % 4 === 3 ? "order" : "legacy";
  const shadow = path === "legacy" && {
    shadow: {
      executionName: shadowExecutionName(
        "webcat",
        Claim.pick({ route: true, requestId: true }).parse({ route, requestId }),
      ),
      ...(ended && { outcome: n % MISMATCHES === 0 ? WRONG[(n / MISMATCHES) % WRONG.length] : DEED, endedAt: end }),
    },
  };
  const outcomes = { [`${path}Outcome`]: failed ? REFUSED : DEED };
  const claim = Claim.parse({
    ...{ route, requestId, origin: "message", path, stage: "split", rolloutVersion: 3, bucket: n % 10_000 },
    ...{ cohortKey: `customer-${n % 5_000}`, bodyHash: "0".repeat(64), decidedAt, generation: 0 },
    ...(path === "legacy" && { forwardedAt: decidedAt + 20 }),
    ...shadow,
    ...(ended && { endedAt: end, ...outcomes }),
  });
  return { claim, at: claim.endedAt ?? decidedAt };
}
