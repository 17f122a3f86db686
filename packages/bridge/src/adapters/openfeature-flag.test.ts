import { InMemoryProvider, OpenFeature, type Provider } from "@openfeature/server-sdk";
import { afterAll, describe, expect, it } from "vitest";
import { CohortKey, RouteType } from "../ids.ts";
import { choosePath, initialRollout, type Rollout } from "../rollout.ts";
import { bridgeError, clock, NOW, REGISTER } from "../testing.ts";
import { OpenFeatureFlag } from "./openfeature-flag.ts";
import { flagKey, RolloutProvider } from "./openfeature-provider.ts";

afterAll(() => OpenFeature.close());

let domains = 0;
/** The flag over a provider, in a domain of its own. */
async function flagOver(provider: Provider): Promise<OpenFeatureFlag> {
  const domain = `test-${domains++}`;
  await OpenFeature.setProviderAndWait(domain, provider);
  return new OpenFeatureFlag(OpenFeature.getClient(domain));
}
const over = (rollout: Rollout) =>
  flagOver(new RolloutProvider({ read: async () => rollout }, clock, { maxAgeMs: 1000 }));

const split: Rollout = { ...initialRollout(REGISTER), stage: "split", percentage: 50, version: 3 };

describe("the flag over our provider", () => {
  it.each([
    ["before the switch", { legacyBefore: NOW + 1 }],
    ["by the percentage", {}],
    ["for everybody", { percentage: 100 }],
    ["in another stage", { stage: "order" as const }],
  ])("says what the rollout says: %s", async (_, given) => {
    const rollout = { ...split, ...given };
    const flag = await over(rollout);
    for (const cohort of ["cust-1", "cust-2", "cust-3", "cust-4"].map((text) => CohortKey.parse(text))) {
      expect(await flag.choose(REGISTER, cohort, NOW)).toEqual(choosePath(rollout, cohort, NOW));
    }
  });

  it("has no path until a rollout was read, and the message comes back", async () => {
    const flag = await flagOver(
      new RolloutProvider({ read: () => Promise.reject(new Error("store down")) }, clock, { maxAgeMs: 1000 }),
    );
    await expect(flag.choose(REGISTER, "cust-1", NOW)).rejects.toEqual(bridgeError("ROLLOUT_UNKNOWN", "retry"));
    await expect(flag.choose(REGISTER, "cust-1", NOW)).rejects.toThrow("store down");
  });

  it("has no path for a context without a cohort", async () => {
    const flag = await over(split);
    await expect(flag.choose(REGISTER, "", NOW)).rejects.toEqual(
      expect.objectContaining({ code: "ROLLOUT_UNKNOWN", details: { route: REGISTER, errorCode: "INVALID_CONTEXT" } }),
    );
  });
});

describe("the flag over another OpenFeature provider", () => {
  const variants = { old: "legacy", new: "order", typo: "orders", empty: "" };
  const another = (defaultVariant: string, contextEvaluator?: (context: Record<string, unknown>) => string) =>
    flagOver(
      new InMemoryProvider({
        [flagKey(REGISTER)]: {
          variants,
          defaultVariant,
          disabled: false,
          ...(contextEvaluator && { contextEvaluator }),
        },
      }),
    );

  it("takes its path, with 0 for the bucket and the version that it does not know", async () => {
    const flag = await another("new");
    expect(await flag.choose(REGISTER, "cust-1", NOW)).toEqual({
      path: "order",
      reason: "bucket",
      bucket: 0,
      stage: "split",
      rolloutVersion: 0,
    });
  });

  it("is not disturbed by metadata that means something else by our names, and hears of a switch", async () => {
    const metadataOf = (flagMetadata: Record<string, string | number | boolean>) =>
      Object.assign(new InMemoryProvider({}), {
        resolveStringEvaluation: async () => ({ value: "legacy", flagMetadata }),
      });
    const theirs = { stage: "production", bucket: "b-7", rolloutVersion: -1, choice: 7, sample: 101 };
    const foreign = await flagOver(metadataOf(theirs));
    expect(await foreign.choose(REGISTER, "cust-1", NOW)).toMatchObject({
      ...{ stage: "split", bucket: 0, reason: "bucket", sample: undefined },
    });
    const shadowing = await flagOver(metadataOf({ stage: "shadow", sample: 12.5 }));
    expect(await shadowing.choose(REGISTER, "cust-1", NOW)).toMatchObject({ stage: "shadow", sample: 12.5 });
    const switching = await flagOver(metadataOf({ choice: "before-switch" }));
    expect(await switching.choose(REGISTER, "cust-1", NOW)).toMatchObject({ path: "legacy", reason: "before-switch" });
  });

  it("lets it decide by cohort, by route and by the time the message was sent", async () => {
    const flag = await another("old", ({ targetingKey, route, sentAt }) =>
      targetingKey === "cust-1" && route === REGISTER && sentAt === NOW ? "new" : "old",
    );
    expect((await flag.choose(REGISTER, "cust-1", NOW)).path).toBe("order");
    expect((await flag.choose(REGISTER, "cust-2", NOW)).path).toBe("legacy");
    expect((await flag.choose(REGISTER, "cust-1", NOW - 1)).path).toBe("legacy");
  });

  it.each(["typo", "empty"])("takes no value that is no path: %s", async (variant) => {
    const flag = await another(variant);
    await expect(flag.choose(REGISTER, "cust-1", NOW)).rejects.toEqual(bridgeError("ROLLOUT_UNKNOWN", "retry"));
  });

  it("has no path for a route that it does not know", async () => {
    const flag = await another("new");
    await expect(flag.choose(RouteType.parse("RENEW_DOMAIN"), "cust-1", NOW)).rejects.toEqual(
      expect.objectContaining({
        code: "ROLLOUT_UNKNOWN",
        disposition: "retry",
        details: { route: "RENEW_DOMAIN", errorCode: "FLAG_NOT_FOUND" },
      }),
    );
  });
});
