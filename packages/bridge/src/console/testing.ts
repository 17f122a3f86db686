import type { Claim } from "../claim.ts";
import {
  type CountedRoute,
  type Counts,
  countsOf,
  merged,
  STRICT,
  type Transition,
  tallied,
} from "../compare/index.ts";
import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { ClaimLedger, CountReader, HourCounts, OpenClaims, RolloutAudit, RolloutStore } from "../ports.ts";
import { initialRollout, Rollout } from "../rollout.ts";

// For unit tests only; nothing else imports this.

/** Counts of what went by. */
export class MemoryCounts implements CountReader {
  readonly #transitions: Transition[] = [];

  add(...transitions: readonly Transition[]): this {
    this.#transitions.push(...transitions);
    return this;
  }

  async total(route: CountedRoute): Promise<Counts> {
    return merged(...this.#of(route).map(({ counts }) => counts));
  }

  async hours(route: CountedRoute, from: string, to: string): Promise<readonly HourCounts[]> {
    return this.#of(route).filter(({ hour }) => hour >= from && hour <= to);
  }

  #of(route: CountedRoute): HourCounts[] {
    const increments = this.#transitions.flatMap((transition) => countsOf(transition, STRICT));
    const here = increments.filter((increment) => increment.route === route);
    return [...new Set(here.map(({ hour }) => hour))]
      .sort()
      .map((hour) => ({ hour, counts: tallied(here.filter((increment) => increment.hour === hour)) }));
  }
}

/** Rollouts with their versions, as DynamoDbRollouts keeps them, without holds. */
export class MemoryRollouts implements RolloutStore {
  readonly #rollouts = new Map<RouteType, Rollout>();
  readonly audit: RolloutAudit[] = [];

  async read(route: RouteType): Promise<Rollout> {
    return this.#rollouts.get(route) ?? initialRollout(route);
  }

  async write(rollout: Rollout, audit: RolloutAudit): Promise<void> {
    if ((await this.read(rollout.route)).version !== rollout.version - 1) {
      throw new BridgeError("ROLLOUT_CHANGED", "reject", "somebody was faster");
    }
    this.#rollouts.set(rollout.route, Rollout.parse(rollout));
    this.audit.push(audit);
  }
}

/** The index of claims in flight. */
export const openClaims = (...claims: readonly Claim[]): Pick<ClaimLedger, "inFlight"> => ({
  inFlight: async (route, before, limit) => {
    const all = claims.filter((claim) => claim.route === route && claim.decidedAt < before);
    return { entries: all.slice(0, limit), next: all.length > limit ? "more" : undefined };
  },
});

/** How many claims are in flight. */
export const countsOpen = (legacy: number, order: number): OpenClaims => ({
  count: async (_, most) => (legacy + order > most ? undefined : { legacy, order }),
});
