import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  StandardResolutionReasons,
} from "@openfeature/server-sdk";
import * as z from "zod";
import { CohortKey, RouteType } from "../ids.ts";
import type { Clock, RolloutStore } from "../ports.ts";
import { choosePath, type PathChoice, type Rollout } from "../rollout.ts";

/** The flag of a route. Any OpenFeature provider that knows these keys can stand in our provider's place. */
export const flagKey = (route: RouteType): string => `crossfade.${route}`;
const FLAG = /^crossfade\.(.+)$/;

const Context = z.object({ targetingKey: CohortKey, sentAt: z.number() });

const REASONS: Readonly<Record<PathChoice["reason"], string>> = {
  "before-switch": StandardResolutionReasons.TARGETING_MATCH,
  excluded: StandardResolutionReasons.TARGETING_MATCH,
  included: StandardResolutionReasons.TARGETING_MATCH,
  bucket: StandardResolutionReasons.SPLIT,
};

interface Cached {
  readonly rollout: Rollout;
  readonly readAt: number;
}

const mistyped = <T>(value: T): Promise<ResolutionDetails<T>> =>
  Promise.resolve({ value, errorCode: ErrorCode.TYPE_MISMATCH, reason: StandardResolutionReasons.ERROR });

/**
 * Reads rollouts from their store, refreshed in the background after `maxAgeMs` (milliseconds). The last known rollout
 * survives an outage of the store; its age is published with every evaluation, and to `onAge`.
 */
export class RolloutProvider implements Provider {
  readonly metadata = { name: "crossfade-rollout" };
  readonly runsOn = "server" as const;
  readonly #store: Pick<RolloutStore, "read">;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #onAge: (route: RouteType, ageMs: number) => void;
  readonly #known = new Map<RouteType, Cached>();
  readonly #reading = new Map<RouteType, Promise<Cached>>();

  constructor(
    store: Pick<RolloutStore, "read">,
    clock: Clock,
    options: { readonly maxAgeMs: number; readonly onAge?: (route: RouteType, ageMs: number) => void },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#maxAgeMs = options.maxAgeMs;
    this.#onAge = options.onAge ?? (() => {});
  }

  async resolveStringEvaluation(
    key: string,
    value: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    const route = RouteType.safeParse(FLAG.exec(key)?.[1]);
    if (!route.success) return { value, errorCode: ErrorCode.FLAG_NOT_FOUND, reason: StandardResolutionReasons.ERROR };
    const given = Context.safeParse(context);
    if (!given.success) {
      return { value, errorCode: ErrorCode.INVALID_CONTEXT, reason: StandardResolutionReasons.ERROR };
    }
    const cached = await this.#rollout(route.data);
    const ageMs = this.#clock.now() - cached.readAt;
    this.#onAge(route.data, ageMs);
    const choice = choosePath(cached.rollout, given.data.targetingKey, given.data.sentAt);
    const { bucket, rolloutVersion, stage, reason, integration, sample, baseline } = choice;
    return {
      value: choice.path,
      variant: choice.path,
      reason: REASONS[reason],
      flagMetadata: {
        ...{ bucket, rolloutVersion, stage, choice: reason, ageMs },
        ...(integration && { integration }),
        ...(sample !== undefined && { sample }),
        ...(baseline !== undefined && { baseline }),
      },
    };
  }

  resolveBooleanEvaluation(_key: string, value: boolean): Promise<ResolutionDetails<boolean>> {
    return mistyped(value);
  }

  resolveNumberEvaluation(_key: string, value: number): Promise<ResolutionDetails<number>> {
    return mistyped(value);
  }

  resolveObjectEvaluation<T extends JsonValue>(_key: string, value: T): Promise<ResolutionDetails<T>> {
    return mistyped(value);
  }

  /** Waits for the store twice at most: for the first read, and when the age has doubled without a refresh. */
  async #rollout(route: RouteType): Promise<Cached> {
    const known = this.#known.get(route);
    if (known === undefined) return this.#read(route);
    const age = this.#clock.now() - known.readAt;
    if (age <= this.#maxAgeMs) return known;
    const reading = this.#read(route).catch(() => known);
    return age <= 2 * this.#maxAgeMs ? known : reading;
  }

  #read(route: RouteType): Promise<Cached> {
    const running = this.#reading.get(route);
    if (running !== undefined) return running;
    const readAt = this.#clock.now();
    const reading = this.#store
      .read(route)
      .then((rollout) => {
        const cached = { rollout, readAt };
        this.#known.set(route, cached);
        return cached;
      })
      .finally(() => this.#reading.delete(route));
    this.#reading.set(route, reading);
    return reading;
  }
}
